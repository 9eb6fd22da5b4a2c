// The least that a container costs: the bare sequence of clone, cgroups, mounts, pivot and exec,
// without a configuration, state, capabilities or checks. usage: floor ROOTFS [CGROUP_DIRECTORY...]
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int bad, const char* step) {
  if (!bad) return;
  perror(step);
  _exit(1);
}

static void put(const char* path, const char* text, size_t size) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  must(fd < 0 || write(fd, text, size) != (ssize_t)size, path);
  close(fd);
}

// A v1 cpuset has no processors and no memory until it is told.
static void copy_up(const char* parent, const char* child, const char* file) {
  char from[4096], to[4096], text[4096];
  snprintf(from, sizeof from, "%s/%s", parent, file);
  snprintf(to, sizeof to, "%s/%s", child, file);
  const int fd = open(from, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t size = read(fd, text, sizeof text);
  close(fd);
  if (size > 1) put(to, text, (size_t)size);
}

static void furnish(const char* rootfs) {
  static const char* const masked[] = {
      "proc/acpi",        "proc/asound",       "proc/kcore",       "proc/keys", "proc/latency_stats",
      "proc/timer_list",  "proc/timer_stats",  "proc/sched_debug", "proc/scsi", "sys/firmware"};
  static const char* const readonly[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                         "proc/sysrq-trigger"};
  static const struct {
    const char* name;
    int minor;
  } devices[] = {{"dev/null", 3}, {"dev/zero", 5},   {"dev/full", 7},
                 {"dev/random", 8}, {"dev/urandom", 9}};
  must(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL), "slave");
  must(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL), "bind root");
  must(chdir(rootfs), "enter root");
  must(mount("proc", "proc", "proc", 0, NULL), "proc");
  must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"), "dev");
  mkdir("dev/pts", 0755), mkdir("dev/shm", 0755), mkdir("dev/mqueue", 0755);
  must(mount("devpts", "dev/pts", "devpts", MS_NOSUID, "newinstance,ptmxmode=0666,mode=0620"),
       "pts");
  must(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=65536k"), "shm");
  must(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID, NULL), "mqueue");
  must(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_RDONLY, NULL), "sys");
  for (size_t i = 0; i < sizeof devices / sizeof *devices; ++i)
    must(mknod(devices[i].name, S_IFCHR | 0666, makedev(1, (unsigned)devices[i].minor)), "mknod");
  must(mknod("dev/tty", S_IFCHR | 0666, makedev(5, 0)), "mknod");
  for (size_t i = 0; i < sizeof masked / sizeof *masked; ++i) {
    struct stat info;
    if (stat(masked[i], &info) < 0) continue;
    if (S_ISDIR(info.st_mode)) mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, NULL);
    else mount("/dev/null", masked[i], NULL, MS_BIND, NULL);
  }
  for (size_t i = 0; i < sizeof readonly / sizeof *readonly; ++i) {
    if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) == 0)
      mount(NULL, readonly[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
  }
  must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(umount2(".", MNT_DETACH), "umount");
}

int main(int argc, char** argv) {
  char group[16][4096], number[16];
  const int groups = argc - 2 > 16 ? 16 : argc - 2;
  for (int i = 0; i < groups; ++i) {
    snprintf(group[i], sizeof group[i], "%s/floor-%d", argv[i + 2], getpid());
    must(mkdir(group[i], 0755), group[i]);
    copy_up(argv[i + 2], group[i], "cpuset.cpus");
    copy_up(argv[i + 2], group[i], "cpuset.mems");
  }
  int ready[2];
  must(pipe2(ready, O_CLOEXEC), "pipe");
  struct clone_args args = {0};
  args.flags = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
  args.exit_signal = SIGCHLD;
  const pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  must(pid < 0, "clone3");
  if (pid == 0) {
    char go;
    close(ready[1]);
    must(read(ready[0], &go, 1) < 0, "wait");
    must(sethostname("floor", 5), "sethostname");
    furnish(argv[1]);
    execl("/bin/true", "true", NULL);
    must(1, "exec");
  }
  const int length = snprintf(number, sizeof number, "%d", pid);
  for (int i = 0; i < groups; ++i) {
    strcat(group[i], "/cgroup.procs");
    put(group[i], number, (size_t)length);
    *strrchr(group[i], '/') = '\0';
  }
  close(ready[1]);
  int status = 0;
  must(waitpid(pid, &status, 0) != pid, "waitpid");
  for (int i = 0; i < groups; ++i) must(rmdir(group[i]), group[i]);
  return WEXITSTATUS(status);
}
