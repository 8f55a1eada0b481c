#include <algorithm>
#include <limits>
#include <unordered_map>
#include <vector>

#include <fmt/core.h>

#include "instruments/profile/formats/cpuprofile.hpp"
#include "instruments/profile/formats/json_input.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr double kNsInUs = 1e3;

tl::unexpected<Error> refused(const std::string& place, const std::string& what) {
  return fail(ErrorKind::bad_input, place + ": " + what, "is this a .cpuprofile of V8, and whole?");
}

struct Node {
  const Json* json = nullptr;
  std::int64_t hits = 0;
  std::vector<std::size_t> children;
  StackId stack = 0;
};

class CpuProfileReader {
 public:
  explicit CpuProfileReader(const Json& file)
      : file_(file), builder_({{"samples", "count"}, {"wall", "nanoseconds"}}) {}

  Result<Profile> read() {
    const bool is_old = file_["head"].is_object();
    if (is_old) {
      add_nested(file_["head"]);
    } else {
      SIGNALBOX_CHECK(add_listed());
    }
    name_stacks();
    if (file_["samples"].size() > 0) {
      SIGNALBOX_CHECK(is_old ? read_timestamps() : read_deltas());
    } else {
      for (const Node& node : nodes_) add(node.stack, node.hits, 0, -1);
    }
    builder_.profile().default_value = builder_.profile().duration_ns > 0 ? 1 : 0;
    return std::move(builder_).finish();
  }

 private:
  // Old files have the whole tree as objects in objects.
  std::size_t add_nested(const Json& json) {
    const std::size_t number = nodes_.size();
    nodes_.push_back({&json, std::max<std::int64_t>(scaled(json["hitCount"], 1), 0), {}, 0});
    numbers_.try_emplace(scaled(json["id"], 1), number);
    for (const Json& child : json["children"].items()) {
      const std::size_t below = add_nested(child);
      nodes_[number].children.push_back(below);
    }
    return number;
  }

  Status add_listed() {
    const Json::Array& listed = file_["nodes"].items();
    if (listed.empty()) return refused("$.nodes", "no node");
    for (std::size_t i = 0; i < listed.size(); ++i) {
      nodes_.push_back({&listed[i], std::max<std::int64_t>(scaled(listed[i]["hitCount"], 1), 0), {}, 0});
      if (!numbers_.try_emplace(scaled(listed[i]["id"], 1, -1), i).second)
        return refused(fmt::format("$.nodes[{}].id", i), "the same as another's");
    }
    std::vector<bool> has_parent(nodes_.size());
    for (std::size_t i = 0; i < listed.size(); ++i) {
      for (const Json& child : listed[i]["children"].items()) {
        SIGNALBOX_TRY(const std::size_t number, node_of(child, fmt::format("$.nodes[{}].children", i)));
        if (has_parent[number] || number == 0)
          return refused(fmt::format("$.nodes[{}].children", i), "a node with two parents");
        has_parent[number] = true;
        nodes_[i].children.push_back(number);
      }
    }
    return {};
  }

  Result<std::size_t> node_of(const Json& id, const std::string& place) const {
    const auto found = numbers_.find(scaled(id, 1, -1));
    if (found == numbers_.end()) return refused(place, fmt::format("no node {}", id.dump()));
    return found->second;
  }

  // From node 0 down; what is not below it is an empty stack.
  void name_stacks() {
    std::vector<std::size_t> open{0};
    while (!open.empty()) {
      const std::size_t number = open.back();
      open.pop_back();
      for (const std::size_t child : nodes_[number].children) {
        nodes_[child].stack = builder_.stack(nodes_[number].stack, frame_of(*nodes_[child].json));
        open.push_back(child);
      }
    }
  }

  FrameId frame_of(const Json& node) {
    const Json& call = node["callFrame"].is_object() ? node["callFrame"] : node;
    const std::string_view name = call["functionName"].as_string();
    if (name == "(idle)" || name == "(program)" || name == "(garbage collector)")
      return builder_.synthetic(name);
    Function function;
    function.name = builder_.string(name.empty() ? "(anonymous)" : name);
    function.file = builder_.string(call["url"].as_string());
    function.start_line = one_based(call["lineNumber"]);
    Frame frame;
    frame.function = builder_.function(function);
    frame.line = one_based(call["lineNumber"]);
    frame.column = one_based(call["columnNumber"]);
    frame.kind = FrameKind::interpreted;
    return builder_.frame(frame);
  }

  static std::int32_t one_based(const Json& number) {
    const std::int64_t value = scaled(number, 1, -1);
    return value < 0 || value >= std::numeric_limits<std::int32_t>::max()
               ? 0
               : static_cast<std::int32_t>(value + 1);
  }

  // Microseconds; each is the time since the sample before it.
  Status read_deltas() {
    std::vector<std::int64_t> times;
    std::int64_t time = 0;
    for (const Json& delta : file_["timeDeltas"].items()) {
      time = std::max<std::int64_t>(saturating_sum(time, scaled(delta, kNsInUs)), 0);
      times.push_back(time);
    }
    const double length_us = file_["endTime"].as_number() - file_["startTime"].as_number();
    return read_samples(times, scaled(Json(length_us), kNsInUs));
  }

  // Microseconds of a clock, where startTime and endTime are seconds of it.
  Status read_timestamps() {
    std::vector<std::int64_t> times;
    const double start_us = file_["startTime"].as_number() * 1e6;
    for (const Json& stamp : file_["timestamps"].items())
      times.push_back(std::max<std::int64_t>(scaled(Json(stamp.as_number() - start_us), kNsInUs), 0));
    const double length_s = file_["endTime"].as_number() - file_["startTime"].as_number();
    return read_samples(times, scaled(Json(length_s), 1e9));
  }

  Status read_samples(const std::vector<std::int64_t>& times, std::int64_t end) {
    const Json::Array& samples = file_["samples"].items();
    // One time more than samples is when the last one ended.
    if (!times.empty() && times.size() < samples.size())
      return refused("$.samples", fmt::format("{} samples with {} times", samples.size(), times.size()));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      SIGNALBOX_TRY(const std::size_t node, node_of(samples[i], fmt::format("$.samples[{}]", i)));
      if (times.empty()) {
        add(nodes_[node].stack, 1, 0, -1);
        continue;
      }
      const std::int64_t until = i + 1 < times.size() ? times[i + 1] : end;
      add(nodes_[node].stack, 1, until > times[i] ? until - times[i] : 0, times[i]);
    }
    if (!times.empty()) builder_.profile().duration_ns = std::max<std::int64_t>(end, times.back());
    return {};
  }

  void add(StackId stack, std::int64_t count, std::int64_t wall_ns, std::int64_t time_ns) {
    if (count == 0) return;
    const std::int64_t values[] = {count, wall_ns};
    builder_.append({stack, 0, 0, time_ns}, values);
  }

  const Json& file_;
  ProfileBuilder builder_;
  std::vector<Node> nodes_;
  std::unordered_map<std::int64_t, std::size_t> numbers_;  // by V8's ids
};

}  // namespace

Result<Profile> read_cpuprofile(std::string_view octets) {
  SIGNALBOX_TRY(const Json file, parse_profile_json(octets));
  return CpuProfileReader(file).read();
}

}  // namespace signalbox::profile
