#include "instruments/train/boarding/flags.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::train {
namespace {

using config::Node;

constexpr std::size_t kMaxFlags = 1000;
constexpr std::size_t kMaxFlagName = 100;
constexpr std::array<std::string_view, 4> kKinds = {"release", "ops", "experiment", "permission"};

bool is_flag_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxFlagName && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

bool continues_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// How often a line names a flag, and not one whose name only contains it.
std::uint64_t occurrences(std::string_view line, std::string_view name) {
  std::uint64_t out = 0;
  for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool opens = at == 0 || !continues_name(line[at - 1]);
    const bool ends = end == line.size() || !continues_name(line[end]);
    if (opens && ends) ++out;
  }
  return out;
}

// "2026-12-01" is the beginning of that day, UTC.
Result<Time> day_or_time(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  constexpr std::size_t kDayLength = 10;
  const auto time = parse_rfc3339(text.size() == kDayLength ? text + "T00:00:00Z" : text);
  if (!time) return node.wrong("a day such as 2026-12-01 or a time such as 2026-12-01T09:00:00Z is expected");
  return *time;
}

Result<Flag::Kind> parse_kind(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  const auto* const found = std::find(kKinds.begin(), kKinds.end(), text);
  if (found == kKinds.end())
    return node.wrong(fmt::format("`{}` is none of release, ops, experiment, permission", printable(text)));
  return static_cast<Flag::Kind>(found - kKinds.begin());
}

Result<Flag> parse_flag(const Node& node) {
  SIGNALBOX_CHECK(node.only({"name", "default", "owner", "kind", "expires"}));
  Flag out;
  SIGNALBOX_TRY(out.name, node["name"].text());
  if (!is_flag_name(out.name))
    return node["name"].wrong(fmt::format("'{}' is no name of a flag", printable(out.name)),
                              "letters, digits, . _ -");
  SIGNALBOX_TRY(out.owner, node["owner"].text());
  SIGNALBOX_TRY(out.kind, parse_kind(node["kind"]));
  if (node["default"].exists()) {
    SIGNALBOX_TRY(out.on_by_default, node["default"].boolean());
  }
  if (node["expires"].exists()) {
    SIGNALBOX_TRY(out.expires, day_or_time(node["expires"]));
  }
  const bool passes = out.kind == Flag::Kind::release || out.kind == Flag::Kind::experiment;
  if (passes && !out.expires)
    return node.wrong(
        fmt::format("{} never expires", printable(out.name)),
        "a flag of kind release or experiment has a day by which it is removed: expires: 2026-12-01");
  return out;
}

}  // namespace

std::string_view name_of(Flag::Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

Result<std::vector<Flag>> parse_flags(const Node& list) {
  std::vector<Flag> out;
  if (list.exists() && !list.is_list()) return list.wrong("a list is expected here", "- name: …");
  if (list.items().size() > kMaxFlags) return list.wrong(fmt::format("more than {} flags", kMaxFlags));
  for (const Node& node : list.items()) {
    SIGNALBOX_TRY(Flag flag, parse_flag(node));
    if (find_flag(out, flag.name) != nullptr)
      return node["name"].wrong(fmt::format("a second flag of the name {}", printable(flag.name)));
    out.push_back(std::move(flag));
  }
  return out;
}

const Flag* find_flag(const std::vector<Flag>& flags, std::string_view name) {
  const auto found =
      std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.name == name; });
  return found == flags.end() ? nullptr : &*found;
}

Result<std::map<std::string, std::uint64_t>> count_references(const git::Repository& repository,
                                                              const std::string& commit,
                                                              const std::vector<Flag>& flags) {
  std::map<std::string, std::uint64_t> out;
  for (const Flag& flag : flags) out[flag.name] = 0;
  if (flags.empty()) return out;
  std::vector<std::string> arguments = {"grep", "--fixed-strings", "--no-line-number", "-h", "-I"};
  for (const Flag& flag : flags) {
    arguments.emplace_back("-e");
    arguments.push_back(flag.name);
  }
  for (const char* word : {commit.c_str(), "--", ":(top)", ":(top,exclude,glob)**/signalbox.yaml",
                           ":(top,exclude,glob)**/signalbox/**"})
    arguments.emplace_back(word);
  SIGNALBOX_TRY(const ProcessResult said, git::run_git(repository.directory(), arguments));
  const bool none = said.exit_code == 1 && said.errors.empty();
  if (said.exit_code != 0 && !none) return fail(git::error_of_git("git grep", said));
  for (const std::string_view line : lines(said.output)) {
    for (auto& [name, count] : out) count += occurrences(line, name);
  }
  return out;
}

std::vector<Finding> judge_flags(const std::vector<Flag>& flags,
                                 const std::map<std::string, std::uint64_t>& references, Time now) {
  std::vector<Finding> out;
  for (const Flag& flag : flags) {
    const auto found = references.find(flag.name);
    const std::uint64_t count = found == references.end() ? 0 : found->second;
    if (flag.expires && now >= *flag.expires) {
      out.push_back({"train/flag-expired", Severity::warning,
                     fmt::format("the flag {} of {} expired at {}; the tree names it {}", flag.name,
                                 printable(flag.owner), to_rfc3339(*flag.expires), counted(count, "time")),
                     std::nullopt, "remove it from the code and the registry, or give it another day"});
    }
    if (count == 0) {
      out.push_back(
          {"train/flag-unreferenced", Severity::warning,
           fmt::format("no file of the tree names the flag {} of {}", flag.name, printable(flag.owner)),
           std::nullopt, "remove it from the registry, or put it in the code"});
    }
  }
  return out;
}

}  // namespace signalbox::train
