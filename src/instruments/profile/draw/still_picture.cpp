#include "instruments/profile/draw/still_picture.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/escape.hpp"
#include "instruments/profile/draw/amount_text.hpp"
#include "instruments/profile/draw/box_class.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {

namespace {

constexpr int kMargin = 16;
constexpr int kRow = 18;  // from one row to the next
constexpr int kBox = 17;  // height of a box
constexpr int kTextLine = 17;
constexpr int kTitleLine = 30;
constexpr double kCharacter = 6.7;  // width of one, generously
constexpr double kTextIndent = 4;
constexpr double kLeastTitled = 1.2;  // width of a box with a title of its own
constexpr double kLeastDrawn = 0.25;  // width of what is drawn at all
constexpr std::size_t kSubtitleCharacters = 165;
constexpr std::size_t kTitleCharacters = 110;
constexpr std::size_t kNameInTitle = 160;
constexpr std::size_t kVanishedShown = 20;

class Picture {
 public:
  Picture(const FlameTree& tree, const FlameStyle& style) : tree_(tree), style_(style) {}

  StillPicture draw() && {
    out_ =
        "<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0v5\"/></pattern></defs>\n";
    place_boxes();
    head();
    boxes();
    foot();
    return {y_ + kMargin, std::move(out_)};
  }

 private:
  struct Row {
    std::string boxes;
    std::map<std::string, std::string> slivers;  // boxes without a title, as path data by colour
    std::string texts;
  };

  void text(std::string_view kind, double x, int y, std::string_view words) {
    fmt::format_to(std::back_inserter(out_), "<text class=\"{}\" x=\"{:.0f}\" y=\"{}\">{}</text>\n", kind, x,
                   y, report::escape_markup(words));
  }

  void head() {
    y_ = kTitleLine;
    text("title", kMargin, y_, fitted_title());
    std::string line;
    for (const std::string& fact : subtitle_of(tree_)) {
      if (!line.empty() && line.size() + fact.size() > kSubtitleCharacters) {
        text("quiet", kMargin, y_ += kTextLine + 3, line);
        line.clear();
      }
      line += line.empty() ? fact : " · " + fact;
    }
    if (!line.empty()) text("quiet", kMargin, y_ += kTextLine + 3, line);
    legend(y_ += kTextLine + 5);
    y_ += kTextLine;
  }

  std::string fitted_title() const {
    const std::string title = title_of(tree_, style_);
    return cut_to_width(title, kTitleCharacters);
  }

  void legend(int y) {
    struct Sign {
      std::string_view name;
      std::string_view words;
    };
    static constexpr std::array<Sign, 6> kKinds{{{"u4", "user"},
                                                 {"k4", "kernel"},
                                                 {"i4", "inlined"},
                                                 {"j4", "jit"},
                                                 {"p4", "interpreted"},
                                                 {"s0", "of the profile itself"}}};
    static constexpr std::array<Sign, 5> kChanges{
        {{"l5", "gone"}, {"l2", "less"}, {"n0", "as before"}, {"m2", "more"}, {"m5", "new"}}};
    double x = kMargin;
    const auto sign = [&](const Sign& one) {
      fmt::format_to(std::back_inserter(out_),
                     "<rect class=\"{}\" x=\"{:.0f}\" y=\"{}\" width=\"11\" height=\"11\" rx=\"2\"/>\n",
                     one.name, x, y - 10);
      text("quiet", x + 16, y, one.words);
      x += 36 + kCharacter * static_cast<double>(one.words.size());
    };
    if (tree_.is_difference) {
      for (const Sign& one : kChanges) sign(one);
      return;
    }
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      const bool is_there =
          std::any_of(tree_.frames.begin() + 1, tree_.frames.end(),
                      [&](const FlameFrame& f) { return static_cast<std::size_t>(f.kind) == kind; });
      if (is_there) sign(kKinds[kind]);
    }
  }

  void place_boxes() {
    std::vector<double> next(tree_.nodes.size(), kMargin);  // where the next child of each node begins
    const double scale =
        tree_.total() > 0 ? (kPictureWidth - 2 * kMargin) / static_cast<double>(tree_.total()) : 0;
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
      const FlameNode& node = tree_.nodes[i];
      const double width = static_cast<double>(node.now.total) * scale;
      const double x = i == 0 ? kMargin : next[node.parent];
      next[i] = x;
      if (i > 0) next[node.parent] += width;
      if (width < kLeastDrawn) continue;
      if (node.depth >= rows_.size()) rows_.resize(node.depth + 1);
      box(rows_[node.depth], node, x, width);
    }
  }

  void box(Row& row, const FlameNode& node, double x, double width) {
    const FlameFrame& frame = tree_.frames[node.frame];
    const FlameChange change = change_of(tree_, node);
    const std::string colour = tree_.is_difference ? change_class(change) : kind_class(frame);
    if (width < kLeastTitled) {
      fmt::format_to(std::back_inserter(row.slivers[colour]), "M{0:.1f} 0h{1:.1f}v{2}h-{1:.1f}z", x, width,
                     kBox);
      return;
    }
    const auto to = std::back_inserter(row.boxes);
    const double drawn = width > 3 ? width - 0.7 : width;
    fmt::format_to(to, "<rect class=\"{}\" x=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"", colour, x, drawn,
                   kBox);
    const std::string name = plain_text(short_name(frame.name));
    fmt::format_to(to, "><title>{}\n{}</title></rect>",
                   report::escape_markup(cut_to_width(name, kNameInTitle)),
                   tree_.is_difference ? told_change(node, change) : told(node));
    const FlameShare share = share_of(tree_, node.now.total);
    if (tree_.is_difference ? change.may_be_nothing && colour != "n0" : share.may_be_nothing)
      fmt::format_to(to, "<rect class=\"unsure\" x=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"/>", x, drawn,
                     kBox);
    const double room = (width - 2 * kTextIndent) / kCharacter;
    const std::string shown = room < 1 ? "" : fitted_name(name, static_cast<std::size_t>(room));
    if (!shown.empty())
      fmt::format_to(std::back_inserter(row.texts), "<text x=\"{:.1f}\" y=\"12.5\">{}</text>",
                     x + kTextIndent, report::escape_markup(shown));
  }

  std::string amount(std::int64_t value) const { return amount_text(value, tree_.value.unit); }

  std::string told(const FlameNode& node) const {
    std::string words =
        fmt::format("{} · {}", amount(node.now.total), share_text(share_of(tree_, node.now.total)));
    if (node.now.self > 0) words += fmt::format(" · self {}", share_text(share_of(tree_, node.now.self)));
    return words;
  }

  std::string told_change(const FlameNode& node, const FlameChange& change) const {
    const auto base = static_cast<std::int64_t>(static_cast<double>(node.base.total) * tree_.base_factor);
    return fmt::format("{} · base {} · {}{}{}", amount(node.now.total), amount(base),
                       change.relative > 0 ? "+" : "", share_text(change.relative),
                       change.may_be_nothing ? " · may be chance" : "");
  }

  void boxes() {
    const bool is_flame = style_.orientation == FlameOrientation::flame;
    for (std::size_t depth = 0; depth < rows_.size(); ++depth) {
      const std::size_t row = is_flame ? rows_.size() - 1 - depth : depth;
      fmt::format_to(std::back_inserter(out_), "<g transform=\"translate(0 {})\">{}",
                     y_ + static_cast<int>(row) * kRow, rows_[depth].boxes);
      for (const auto& [colour, path] : rows_[depth].slivers)
        fmt::format_to(std::back_inserter(out_), "<path class=\"{}\" d=\"{}\"/>", colour, path);
      out_.append(rows_[depth].texts).append("</g>\n");
    }
    y_ += static_cast<int>(rows_.size()) * kRow + kTextLine;
  }

  void foot() {
    if (tree_.total() <= 0) text("quiet", kMargin, y_ += kTextLine, "Nothing was measured.");
    if (tree_.frames_pruned > 0)
      text("quiet", kMargin, y_ += 4,
           fmt::format("Boxes smaller than {} of all are drawn together with their neighbours, {} of them. "
                       "No total changes.",
                       share_text(tree_.prune_share),
                       amount_text(static_cast<std::int64_t>(tree_.frames_pruned), "count")));
    vanished();
  }

  // What has no width, so that nothing hides.
  void vanished() {
    const std::vector<std::uint32_t> nodes = vanished_nodes(tree_, kVanishedShown);
    if (!tree_.is_difference || nodes.empty()) return;
    text("subtitle", kMargin, y_ += kTextLine + 8, "In the base, gone now");
    for (const std::uint32_t id : nodes) {
      const FlameNode& node = tree_.nodes[id];
      const auto base = static_cast<std::int64_t>(static_cast<double>(node.base.total) * tree_.base_factor);
      y_ += kTextLine + 1;
      text("quiet", kMargin, y_, amount(base));
      const auto name = [&](std::uint32_t which) {
        return plain_text(short_name(tree_.frames[tree_.nodes[which].frame].name));
      };
      const std::string caller = node.parent == 0 ? "" : " ← " + name(node.parent);
      text("plain", kMargin + 90, y_, cut_to_width(name(id) + caller, kSubtitleCharacters - 10));
    }
  }

  const FlameTree& tree_;
  const FlameStyle& style_;
  std::vector<Row> rows_;
  int y_ = 0;
  std::string out_;
};

}  // namespace

StillPicture still_picture(const FlameTree& tree, const FlameStyle& style) {
  return Picture(tree, style).draw();
}

}  // namespace signalbox::profile
