// Times commands in turns, so that the machine's moods meet all of them alike.
// usage: clock ROUNDS WARM_UP -- COMMAND ARGUMENT... -- COMMAND ARGUMENT...
// Prints one line a command: the milliseconds of each round. Stops when a command fails.
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { kMostCommands = 16 };
extern char** environ;

static double run(char** argv) {
  struct timespec start, end;
  pid_t pid;
  int status = 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
      waitpid(pid, &status, 0) != pid || status != 0) {
    fprintf(stderr, "clock: %s %s failed with status %d\n", argv[0], argv[1], status);
    exit(1);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  return (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

int main(int argc, char** argv) {
  char** commands[kMostCommands];
  int count = 0;
  if (argc < 5) return 2;
  const int rounds = atoi(argv[1]), warm_up = atoi(argv[2]);
  for (int i = 3; i < argc; ++i) {
    if (strcmp(argv[i], "--") != 0) continue;
    argv[i] = NULL;
    if (count < kMostCommands) commands[count++] = argv + i + 1;
  }
  double* taken = calloc((size_t)rounds * (size_t)count, sizeof *taken);
  if (taken == NULL) return 2;
  for (int round = -warm_up; round < rounds; ++round) {
    for (int i = 0; i < count; ++i) {
      const double time = run(commands[i]);
      if (round >= 0) taken[i * rounds + round] = time;
    }
  }
  for (int i = 0; i < count; ++i) {
    for (int round = 0; round < rounds; ++round) printf("%.3f ", taken[i * rounds + round]);
    printf("\n");
  }
  free(taken);
  return 0;
}
