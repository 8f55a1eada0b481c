#include "instruments/profile/draw/flame_data.hpp"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {

namespace {

void put(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out += static_cast<char>(number | 0x80U);
  out += static_cast<char>(number);
}

// Texts by number, 0 the empty one.
class Texts {
 public:
  Texts() { number(""); }
  std::uint32_t number(const std::string& text) {
    const auto [at, is_new] = numbers_.try_emplace(text, static_cast<std::uint32_t>(list_.size()));
    if (is_new) list_.emplace_back(text);
    return at->second;
  }
  Json::Array& list() { return list_; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  Json::Array list_;
};

// What was measured on one side of a node alone, not above it.
struct Own {
  std::int64_t value = 0;
  std::int64_t samples = 0;
};

std::vector<Own> own_of(const FlameTree& tree, FlameAmount FlameNode::*side) {
  std::vector<Own> own;
  own.reserve(tree.nodes.size());
  for (const FlameNode& node : tree.nodes) {
    own.push_back({(node.*side).self, (node.*side).samples});
    if (own.size() > 1) own[node.parent].samples -= (node.*side).samples;
  }
  return own;
}

// What each sample stands for, where it is the same for all; else 0.
std::int64_t unit_of(const std::vector<Own>& own, const FlameAmount& whole) {
  if (whole.samples <= 0 || whole.total % whole.samples != 0) return 0;
  const std::int64_t unit = whole.total / whole.samples;
  for (const Own& one : own) {
    std::int64_t value = 0;
    if (__builtin_mul_overflow(one.samples, unit, &value) || value != one.value) return 0;
  }
  return unit;
}

std::string escaped_json(const Json& json) {
  const std::string text = json.dump();
  std::string out;
  out.reserve(text.size());
  for (const char octet : text) {
    if (octet == '<')
      out += "\\u003c";
    else if (octet == '>')
      out += "\\u003e";
    else if (octet == '&')
      out += "\\u0026";
    else
      out += octet;
  }
  return out;
}

void put_frames(const FlameTree& tree, Json& out) {
  Texts names;
  Texts modules;
  Texts files;
  Json::Array shorts{Json(0)};
  std::string frames;
  for (const FlameFrame& frame : tree.frames) {
    const std::string name = plain_text(frame.name);
    const std::uint32_t number = names.number(name);
    if (number == shorts.size()) {
      std::string shown = plain_text(short_name(frame.name));
      shorts.push_back(shown == name ? Json(0) : Json(std::move(shown)));
    }
    put(frames, number);
    put(frames, modules.number(plain_text(frame.module)));
    put(frames, files.number(plain_text(frame.file)));
    put(frames, static_cast<std::uint64_t>(frame.line > 0 ? frame.line : 0));
    put(frames, static_cast<std::uint64_t>(frame.kind));
    put(frames, shade_of(frame.name));
  }
  out.set("names", std::move(names.list()));
  out.set("shorts", std::move(shorts));
  out.set("modules", std::move(modules.list()));
  out.set("files", std::move(files.list()));
  out.set("frames", to_base64(frames));
}

void put_moments(const FlameTree& tree, std::int64_t unit, Json& out) {
  if (tree.moments.empty()) return;
  constexpr std::int64_t kStepNs = 100'000;
  std::string moments;
  std::int64_t last = 0;
  for (const FlameMoment& moment : tree.moments) {
    const std::int64_t step = moment.time_ns / kStepNs;
    put(moments, static_cast<std::uint64_t>(step - last));
    last = step;
    put(moments, moment.node);
    put(moments, moment.thread);
    put(moments, static_cast<std::uint64_t>(unit > 0 ? moment.value / unit : moment.value));
  }
  Json threads = Json::array();
  for (const std::string& thread : tree.threads) threads.push_back(plain_text(thread));
  out.set("threads", std::move(threads));
  out.set("moments", to_base64(moments));
}

void put_nodes(const FlameTree& tree, Json& out) {
  const FlameNode& root = tree.nodes.front();
  struct Side {
    std::vector<Own> own;
    std::int64_t unit;
  };
  std::vector<Side> sides;
  sides.push_back({own_of(tree, &FlameNode::now), 0});
  if (tree.is_difference) sides.push_back({own_of(tree, &FlameNode::base), 0});
  sides.front().unit = unit_of(sides.front().own, root.now);
  if (tree.is_difference) sides.back().unit = unit_of(sides.back().own, root.base);
  std::string nodes;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (i > 0) {
      put(nodes, tree.nodes[i - 1].depth + 1 - tree.nodes[i].depth);
      put(nodes, tree.nodes[i].frame);
    }
    for (const Side& side : sides) {
      if (side.unit == 0) put(nodes, static_cast<std::uint64_t>(side.own[i].value));
      put(nodes, static_cast<std::uint64_t>(side.own[i].samples));
    }
  }
  Json::Array units;
  for (const Side& side : sides) units.emplace_back(static_cast<double>(side.unit));
  put_moments(tree, sides.front().unit, out);
  out.set("units", std::move(units));
  out.set("nodes", to_base64(nodes));
}

}  // namespace

unsigned shade_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char octet : name) hash = (hash ^ static_cast<unsigned char>(octet)) * 16777619U;
  return (hash >> 16U) % kShades;
}

std::string flame_data_json(const FlameTree& tree, const FlameStyle& style) {
  Json out = Json::object();
  out.set("version", 1);
  out.set("title", title_of(tree, style));
  Json subtitle = Json::array();
  for (std::string& fact : subtitle_of(tree)) subtitle.push_back(std::move(fact));
  out.set("subtitle", std::move(subtitle));
  Json facts = Json::array();
  for (const auto& [key, text] : tree.facts) {
    Json fact = Json::array();
    fact.push_back(plain_text(key));
    fact.push_back(plain_text(text));
    facts.push_back(std::move(fact));
  }
  out.set("facts", std::move(facts));
  out.set("type", plain_text(tree.value.type));
  out.set("unit", plain_text(tree.value.unit));
  out.set("orientation", style.orientation == FlameOrientation::flame ? "flame" : "icicle");
  out.set("direction", tree.direction == FlameDirection::root_first ? "root_first" : "leaf_first");
  out.set("difference", tree.is_difference);
  out.set("base_factor", tree.base_factor);
  out.set("prune_share", tree.prune_share);
  out.set("frames_pruned", static_cast<std::uint64_t>(tree.frames_pruned));
  out.set("moments_left_out", static_cast<std::uint64_t>(tree.moments_left_out));
  put_frames(tree, out);
  put_nodes(tree, out);
  return escaped_json(out);
}

}  // namespace signalbox::profile
