// Start-up: `signalbox --version`, and the --help of each command behind the front door, beside a C++ program
// that does nothing. Each round starts every program once, in turn; the median round is told.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "core/base/testing.hpp"

extern char** environ;

namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 200;

// One program with its arguments, and how long each of its starts took, in milliseconds.
struct Starter {
  std::string what;
  std::vector<std::string> words;
  std::vector<double> taken_ms;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Milliseconds from the start of the program to its end, its output thrown away; negative where it failed.
double run_once(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  const auto began = std::chrono::steady_clock::now();
  pid_t child = 0;
  int status = -1;
  if (posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0)
    waitpid(child, &status, 0);
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - began;
  posix_spawn_file_actions_destroy(&actions);
  return status == 0 ? taken.count() : -1;
}

std::vector<Starter> starters() {
  const std::string door = signalbox::testing::front_door().string();
  std::vector<Starter> all;
  all.push_back({"nothing", {(signalbox::testing::build_directory() / "bench" / "nothing").string()}, {}});
  all.push_back({"signalbox --version", {door, "--version"}, {}});
  for (const auto& entry :
       fs::directory_iterator(signalbox::testing::build_directory() / "lib" / "signalbox")) {
    const std::string name = entry.path().filename().string().substr(std::string("signalbox-").size());
    if (run_once({door, name, "--help"}) >= 0)
      all.push_back({"signalbox " + name + " --help", {door, name, "--help"}, {}});
  }
  std::sort(all.begin() + 2, all.end(), [](const Starter& a, const Starter& b) { return a.what < b.what; });
  return all;
}

}  // namespace

int main() {
  std::vector<Starter> all = starters();
  for (int round = 0; round < kRounds; ++round) {
    for (Starter& starter : all) starter.taken_ms.push_back(run_once(starter.words));
  }
  const double peer = median(all.front().taken_ms);
  for (const Starter& starter : all) {
    if (&starter == &all.front()) continue;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < starter.taken_ms.size(); ++i)
      ratios.push_back(starter.taken_ms[i] / all.front().taken_ms[i]);
    const bool bounded = starter.what == "signalbox --version";
    std::printf(
        "{\"bench\":\"startup\",\"what\":\"%s\",\"ours\":%.2f,\"peer\":\"a C++ program that does "
        "nothing\",\"peer_value\":%.2f,"
        "\"ratio\":%.2f,\"unit\":\"ms\",\"better\":\"lower\",\"judged\":\"ours\",\"floor\":%s,\"goal\":%s,"
        "\"command\":\"bench/run startup\"}\n",
        starter.what.c_str(), median(starter.taken_ms), peer, median(ratios), bounded ? "15" : "null",
        bounded ? "8" : "null");
  }
  return 0;
}
