#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/version.hpp"
#include "instruments/profile/formats/callgrind.hpp"
#include "instruments/profile/formats/rows.hpp"
#include "instruments/profile/formats/thread_rows.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

using Costs = std::vector<std::int64_t>;

// Names as the format compresses them: "(1) main" the first time, "(1)" after that.
class Names {
 public:
  std::string operator()(std::string name) {
    std::replace(name.begin(), name.end(), '\n', ' ');
    const auto [found, is_new] = numbers_.try_emplace(name, numbers_.size() + 1);
    return is_new ? fmt::format("({}) {}", found->second, name) : fmt::format("({})", found->second);
  }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
};

// A function in the file it was linked into.
struct Place {
  std::string object;
  std::string file;
  std::string name;
  auto operator<=>(const Place&) const = default;
};

struct Call {
  std::size_t callee = 0;
  std::int32_t line = 0;  // in the caller
  auto operator<=>(const Call&) const = default;
};

struct Block {
  std::map<std::int32_t, Costs> self;  // by line
  std::map<Call, Costs> calls;
};

class CallgrindWriter {
 public:
  explicit CallgrindWriter(const Profile& profile) : profile_(profile), rows_(merged_rows(profile)) {
    for (std::size_t i = 0; i < profile.value_types.size(); ++i) order_.push_back(i);
    std::rotate(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(profile.default_value),
                order_.begin() + static_cast<std::ptrdiff_t>(profile.default_value) + 1);
  }

  std::string write() {
    for (std::size_t i = 0; i < rows_.samples.size(); ++i) add(rows_.samples[i].stack, rows_.values_of(i));
    put_header();
    for (const auto& [place, number] : places_) put_block(place, blocks_[number]);
    return std::move(out_);
  }

 private:
  void add(StackId stack, std::span<const std::int64_t> values) {
    frames_of(profile_, stack, frames_);
    if (frames_.empty()) return;
    const Frame& leaf = profile_.frames[frames_.back()];
    const std::size_t self = block_of(frames_.back());
    add_costs(blocks_[self].self[leaf.line], values);
    std::set<std::tuple<std::size_t, std::size_t>> seen;
    for (std::size_t i = 0; i + 1 < frames_.size(); ++i) {
      const std::size_t caller = block_of(frames_[i]);
      const std::size_t callee = block_of(frames_[i + 1]);
      if (!seen.emplace(caller, callee).second) continue;
      add_costs(blocks_[caller].calls[{callee, profile_.frames[frames_[i]].line}], values);
    }
  }

  static void add_costs(Costs& costs, std::span<const std::int64_t> values) {
    costs.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) costs[i] = saturating_sum(costs[i], values[i]);
  }

  std::size_t block_of(FrameId id) {
    if (numbers_.empty()) numbers_.resize(profile_.frames.size(), kNone);
    std::size_t& number = numbers_[id];
    if (number != kNone) return number;
    const Frame& frame = profile_.frames[id];
    const auto or_unknown = [](std::string_view text) { return text.empty() ? "???" : std::string(text); };
    Place place{or_unknown(profile_.text(profile_.mappings[frame.mapping].path)),
                or_unknown(profile_.text(profile_.functions[frame.function].file)),
                profile_.name_of_frame(id)};
    const auto [found, is_new] = places_.try_emplace(std::move(place), blocks_.size());
    if (is_new) {
      blocks_.emplace_back();
      by_number_.push_back(&found->first);
    }
    number = found->second;
    return number;
  }

  void put(const std::string& line) {
    out_ += line;
    out_ += '\n';
  }

  void put_header() {
    put("# callgrind format");
    put("version: 1");
    put(fmt::format("creator: signalbox {}", version()));
    put("cmd: " + one_line(title_of(profile_)));
    for (const auto& [key, value] : profile_.annotations)
      put(fmt::format("desc: {}: {}", key, one_line(value)));
    put("positions: line");
    std::string events = "events:";
    Costs totals;
    for (const std::size_t column : order_) {
      const ValueType& type = profile_.value_types[column];
      std::string name = type.unit == "count" ? type.type : type.type + "_" + type.unit;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c <= ' '; }, '_');
      events += " " + name;
      totals.push_back(profile_.total(column));
    }
    put(events);
    put(fmt::format("summary: {}", fmt::join(totals, " ")));
    put("");
  }

  static std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }

  void put_block(const Place& place, const Block& block) {
    put("ob=" + objects_(place.object));
    put("fl=" + files_(place.file));
    put("fn=" + functions_(place.name));
    for (const auto& [line, costs] : block.self) put_costs(line, costs);
    for (const auto& [call, costs] : block.calls) {
      const Place& callee = *by_number_[call.callee];
      put("cob=" + objects_(callee.object));
      put("cfi=" + files_(callee.file));
      put("cfn=" + functions_(callee.name));
      put("calls=1 0");
      put_costs(call.line, costs);
    }
    put("");
  }

  void put_costs(std::int32_t line, const Costs& costs) {
    std::string text = std::to_string(line);
    for (const std::size_t column : order_) text += " " + std::to_string(costs[column]);
    put(text);
  }

  static constexpr std::size_t kNone = ~std::size_t{0};

  const Profile& profile_;
  Rows rows_;
  std::vector<std::size_t> order_;  // of the columns
  std::map<Place, std::size_t> places_;
  std::vector<const Place*> by_number_;
  std::vector<Block> blocks_;
  std::vector<std::size_t> numbers_;  // of blocks, by frame
  Names objects_, files_, functions_;
  std::vector<FrameId> frames_;  // scratch
  std::string out_;
};

}  // namespace

std::string write_callgrind(const Profile& profile) {
  return CallgrindWriter(profile).write();
}

}  // namespace signalbox::profile
