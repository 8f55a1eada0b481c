// The front door: finds the program behind a command and becomes it. Links core/base alone, so that it starts
// in milliseconds.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"

namespace {

namespace fs = std::filesystem;

// One program built with Signalbox: what `signalbox_program` of the build was told about it.
struct Door {
  std::string_view name;
  std::string_view group;  // "core" or "instrument"
  std::string_view summary;
};

constexpr Door kDoors[] = {
#include "signalbox_doors.inc"
};

constexpr std::string_view kPrefix = "signalbox-";
constexpr int kExitUsage = 2;
constexpr int kExitUnavailable = 3;

bool is_command_name(std::string_view text) {
  return !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return ::access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, ignored);
}

// The folder of our own programs: ../lib/signalbox from this executable, in the build tree and where it is
// installed.
fs::path library_folder() {
  return signalbox::own_executable().parent_path().parent_path() / "lib" / "signalbox";
}

std::optional<fs::path> program_of(std::string_view name) {
  if (!is_command_name(name)) return std::nullopt;
  const std::string file = std::string(kPrefix) + std::string(name);
  if (fs::path own = library_folder() / file; is_program(own)) return own;
  return signalbox::find_program(file);
}

// Commands that others put on the PATH, by name, with the first file found for each.
std::map<std::string, fs::path> programs_on_the_path() {
  std::map<std::string, fs::path> found;
  const char* path = std::getenv("PATH");
  if (path == nullptr) return found;
  for (const std::string_view folder : signalbox::split(path, ':')) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const std::string file = entry->path().filename().string();
      if (!file.starts_with(kPrefix)) continue;
      const std::string name = file.substr(kPrefix.size());
      if (is_command_name(name) && is_program(entry->path())) found.emplace(name, entry->path());
    }
  }
  return found;
}

std::vector<Door> built_doors(std::string_view group) {
  std::vector<Door> doors;
  for (const Door& door : kDoors) {
    if (door.group == group &&
        is_program(library_folder() / (std::string(kPrefix) + std::string(door.name)))) {
      doors.push_back(door);
    }
  }
  return doors;
}

void print_group(std::FILE* to, const char* title, const std::vector<Door>& doors, std::size_t width) {
  if (doors.empty()) return;
  std::fprintf(to, "\n%s:\n", title);
  for (const Door& door : doors) {
    std::fprintf(to, "  %-*.*s  %.*s\n", static_cast<int>(width), static_cast<int>(door.name.size()),
                 door.name.data(), static_cast<int>(door.summary.size()), door.summary.data());
  }
}

void print_help(std::FILE* to) {
  const std::vector<Door> core = built_doors("core");
  const std::vector<Door> instruments = built_doors("instrument");
  std::map<std::string, fs::path> others = programs_on_the_path();
  std::size_t width = 0;
  for (const auto& group : {core, instruments}) {
    for (const Door& door : group) {
      width = std::max(width, door.name.size());
      others.erase(std::string(door.name));
    }
  }
  for (const auto& [name, path] : others) width = std::max(width, name.size());
  std::fputs(
      "Signalbox measures, keeps the evidence, and says whether the release train may depart.\n\n"
      "usage: signalbox COMMAND [ARGUMENT...]\n"
      "       signalbox --help | --version\n",
      to);
  print_group(to, "Instruments", instruments, width);
  print_group(to, "Core", core, width);
  if (!others.empty()) {
    std::fputs("\nFound on the PATH:\n", to);
    for (const auto& [name, path] : others)
      std::fprintf(to, "  %-*s  %s\n", static_cast<int>(width), name.c_str(), path.c_str());
  }
  std::fputs("\n`signalbox COMMAND --help` says what a command does and takes.\n", to);
}

void print_version() {
  const std::string_view version = signalbox::version();
  const std::string_view commit = signalbox::built_commit();
  std::printf("signalbox %.*s (%.*s)\n", static_cast<int>(version.size()), version.data(),
              static_cast<int>(commit.size()), commit.data());
}

int unknown_command(std::string_view name) {
  std::vector<std::string> candidates{"help"};
  for (const auto& group : {built_doors("core"), built_doors("instrument")}) {
    for (const Door& door : group) candidates.emplace_back(door.name);
  }
  for (const auto& [other, path] : programs_on_the_path()) candidates.push_back(other);
  std::fprintf(stderr, "signalbox: there is no command '%s'\n", signalbox::printable(name).c_str());
  if (const auto near = signalbox::nearest(name, candidates)) {
    std::fprintf(stderr, "  did you mean `signalbox %s`?\n", near->c_str());
  } else {
    std::fputs("  `signalbox --help` lists them\n", stderr);
  }
  return kExitUsage;
}

// Becomes the program; comes back only when that failed.
int become(const fs::path& program, std::vector<char*> arguments) {
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  std::fprintf(stderr, "signalbox: cannot run %s: %s\n", program.c_str(), std::strerror(errno));
  return kExitUnavailable;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv + std::min(argc, 1), argv + argc);
  if (arguments.empty()) {
    print_help(stderr);
    return kExitUsage;
  }
  std::string_view name = arguments.front();
  if (name == "--version" || name == "-V") {
    print_version();
    return 0;
  }
  std::string help = "--help";
  if (name == "help" && arguments.size() > 1) {
    name = arguments[1];
    arguments = {arguments[1], help.data()};
  } else if (name == "help" || name == "--help" || name == "-h") {
    print_help(stdout);
    return 0;
  }
  const auto program = program_of(name);
  if (!program) return unknown_command(name);
  std::string called = program->filename().string();
  arguments.front() = called.data();
  return become(*program, std::move(arguments));
}
