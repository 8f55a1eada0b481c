#include "instruments/train/release.hpp"

#include <algorithm>

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxTagBytes = 1024;

// "core@" → "core", "v" → "", "core-v" → "core".
std::string package_of(std::string_view prefix) {
  if (prefix.ends_with('v') || prefix.ends_with('V')) prefix.remove_suffix(1);
  while (!prefix.empty() && std::string_view("@-/_").find(prefix.back()) != std::string_view::npos)
    prefix.remove_suffix(1);
  return std::string(prefix);
}

bool may_stand_before_version(std::string_view prefix) {
  if (prefix.empty()) return true;
  if (std::string_view("@-/_").find(prefix.back()) != std::string_view::npos) return true;
  if (prefix.back() != 'v' && prefix.back() != 'V') return false;
  return prefix.size() == 1 ||
         std::string_view("@-/_").find(prefix[prefix.size() - 2]) != std::string_view::npos;
}

// Three numbers and nothing else, "8_9_1", and no fourth one before them.
std::optional<Version> parse_underscored(std::string_view prefix, std::string_view text) {
  if (prefix.ends_with('_') && prefix.find_last_of("0123456789") + 2 == prefix.size()) return std::nullopt;
  if (text.find_first_not_of("0123456789_") != std::string_view::npos) return std::nullopt;
  std::string dotted(text);
  std::replace(dotted.begin(), dotted.end(), '_', '.');
  return parse_version(dotted);
}

}  // namespace

std::string tag_of(const Version& version, const Release& like) {
  std::string text = version.text();
  if (like.dots == Release::Dots::underscores) std::replace(text.begin(), text.end(), '.', '_');
  return like.prefix + text;
}

std::optional<Release> parse_release_tag(std::string_view tag, std::string_view commit) {
  if (tag.size() > kMaxTagBytes) return std::nullopt;
  for (std::size_t at = 0; at < tag.size(); ++at) {
    if (tag[at] < '0' || tag[at] > '9' || !may_stand_before_version(tag.substr(0, at))) continue;
    const std::string_view prefix = tag.substr(0, at);
    Release release{std::string(tag), std::string(prefix), package_of(prefix), {}, std::string(commit)};
    if (auto version = parse_version(tag.substr(at))) {
      release.version = std::move(*version);
      return release;
    }
    if (auto version = parse_underscored(prefix, tag.substr(at))) {
      release.version = std::move(*version);
      release.dots = Release::Dots::underscores;
      return release;
    }
  }
  return std::nullopt;
}

void sort_releases(std::vector<Release>& releases) {
  std::sort(releases.begin(), releases.end(), [](const Release& a, const Release& b) {
    const auto order = compare(a.version, b.version);
    return order != 0 ? order < 0 : a.tag < b.tag;
  });
}

std::vector<std::uint32_t> assign_releases(const git::CommitTable& commits,
                                           const std::vector<Release>& releases) {
  std::vector<std::uint32_t> holder(commits.size(), kUnreleased);
  std::vector<std::uint32_t> open;
  for (std::uint32_t release = 0; release < releases.size(); ++release) {
    const auto id = git::parse_object_id(releases[release].commit);
    const auto start = id ? commits.find(*id) : std::nullopt;
    if (!start || holder[*start] != kUnreleased) continue;
    holder[*start] = release;
    open.push_back(*start);
    while (!open.empty()) {
      const std::uint32_t commit = open.back();
      open.pop_back();
      for (const std::uint32_t parent : commits.parents(commit)) {
        if (holder[parent] != kUnreleased) continue;
        holder[parent] = release;
        open.push_back(parent);
      }
    }
  }
  return holder;
}

}  // namespace signalbox::train
