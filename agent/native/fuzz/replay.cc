// The targets without a fuzzer: runs every file of a folder, then mutations of them for a number
// of seconds. Needs no compiler but the usual one, so that the tests can run it; the same seed
// gives the same inputs. usage: fairlead-replay TARGET FOLDER SECONDS SEED
#include <dirent.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/file.hh"
#include "targets.hh"

namespace {

std::vector<std::string> read_folder(const std::string& folder) {
  std::vector<std::string> found;
  DIR* listing = opendir(folder.c_str());
  if (listing == nullptr) return found;
  while (const dirent* entry = readdir(listing)) {
    auto text = fairlead::read_file(folder + "/" + entry->d_name);
    if (text) found.push_back(std::move(*text));
  }
  closedir(listing);
  return found;
}

class Mutator {
public:
  Mutator(std::vector<std::string> seeds, unsigned seed)
      : seeds_(std::move(seeds)), chance_(seed) {}

  std::string next() {
    std::string text = pick();
    for (size_t times = 1 + below(6); times > 0; --times) change(text);
    return text;
  }

private:
  size_t below(size_t limit) { return limit == 0 ? 0 : chance_() % limit; }
  const std::string& pick() { return seeds_[below(seeds_.size())]; }

  void change(std::string& text) {
    static const std::string odd("\0\xff\x7f\x80\"\\{}[],:-19eE./ \n\t", 23);
    const size_t at = below(text.size() + 1);
    switch (below(6)) {
    case 0: text.insert(at, 1, odd[below(odd.size())]); break;
    case 1:
      if (at < text.size()) text[at] = odd[below(odd.size())];
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
      break;
    case 3: text.erase(at, 1 + below(16)); break;
    case 4: text.insert(at, text.substr(below(text.size() + 1), below(64))); break;
    default: {
      const std::string& other = pick();
      text = text.substr(0, at) + other.substr(below(other.size() + 1));
    }
    }
    if (text.size() > 65536) text.resize(65536);
  }

  std::vector<std::string> seeds_;
  std::mt19937 chance_;
};

} // namespace

int main(int argc, char** argv) {
  const auto* target = argc == 5 ? fairlead::fuzz::find_target(argv[1]) : nullptr;
  if (target == nullptr) {
    std::fputs("usage: fairlead-replay TARGET FOLDER SECONDS SEED\n", stderr);
    return 2;
  }
  std::vector<std::string> seeds = read_folder(argv[2]);
  if (seeds.empty()) {
    std::fprintf(stderr, "fairlead-replay: %s holds no inputs\n", argv[2]);
    return 2;
  }
  if (target->confined && !fairlead::fuzz::enter_empty_root(argv[2])) return 2;
  for (const std::string& seed : seeds) target->run(seed);
  const size_t replayed = seeds.size();
  Mutator mutator(std::move(seeds), static_cast<unsigned>(std::strtoul(argv[4], nullptr, 10)));
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(std::strtol(argv[3], nullptr, 10));
  size_t runs = 0;
  for (; Clock::now() < end; ++runs) target->run(mutator.next());
  std::printf("%zu inputs replayed, %zu mutated\n", replayed, runs);
  return 0;
}
