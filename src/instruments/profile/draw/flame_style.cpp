#include "instruments/profile/draw/flame_style.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {

namespace {

std::string_view fact_of(const FlameTree& tree, std::string_view key) {
  const auto found =
      std::find_if(tree.facts.begin(), tree.facts.end(), [&](const auto& fact) { return fact.first == key; });
  return found == tree.facts.end() ? std::string_view() : std::string_view(found->second);
}

// What a column is called where its type is a word of ours.
std::string_view words_of(std::string_view type) {
  if (type == "cpu") return "CPU time";
  if (type == "offcpu") return "Time off CPU";
  if (type == "wall") return "Wall time";
  if (type == "samples") return "Samples";
  return type;
}

}  // namespace

std::string title_of(const FlameTree& tree, const FlameStyle& style) {
  constexpr std::size_t kCommandOctetsMax = 160;
  if (!style.title.empty()) return plain_text(style.title, kCommandOctetsMax);
  std::string title(words_of(tree.value.type.empty() ? "profile" : tree.value.type));
  const std::string_view command = fact_of(tree, "command");
  if (!command.empty()) title += " of " + plain_text(command, kCommandOctetsMax);
  if (tree.is_difference) title += ", new against base";
  if (tree.direction == FlameDirection::leaf_first) title += ", leaf first";
  return title;
}

std::vector<std::string> subtitle_of(const FlameTree& tree) {
  struct Told {
    std::string_view key;
    std::string_view format;
  };
  static constexpr std::array<Told, 10> kTold{{{"host", "{}"},
                                               {"git.commit", "commit {}"},
                                               {"git.branch", "{}"},
                                               {"time", "{}"},
                                               {"duration", "{}"},
                                               {"rate", "{}"},
                                               {"samples", "{} samples"},
                                               {"waits", "{} waits"},
                                               {"overhead", "overhead {}"},
                                               {"lost", "lost {}"}}};
  constexpr std::size_t kFactOctetsMax = 120;
  constexpr std::size_t kCommitShown = 10;
  const bool counts_waits = tree.value.type == "offcpu" && !fact_of(tree, "waits").empty();
  std::vector<std::string> out;
  for (const auto& [key, format] : kTold) {
    const std::string_view text = fact_of(tree, key);
    if (text.empty() || (counts_waits && key == "samples")) continue;
    const std::string plain =
        key == "git.commit" ? plain_text(text.substr(0, kCommitShown)) : plain_text(text, kFactOctetsMax);
    out.push_back(fmt::format(fmt::runtime(format), plain));
  }
  if (tree.negative_samples > 0)
    out.push_back(fmt::format("{} samples below zero left out", tree.negative_samples));
  return out;
}

}  // namespace signalbox::profile
