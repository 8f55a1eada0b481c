#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include <fmt/core.h>

#include "instruments/profile/formats/firefox.hpp"
#include "instruments/profile/formats/guess.hpp"
#include "instruments/profile/formats/json_input.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr double kNsInMs = 1e6;
constexpr std::int64_t kVersionMin = 24;
constexpr std::int64_t kVersionMax = 70;
constexpr std::size_t kNone = ~std::size_t{0};

tl::unexpected<Error> refused(const std::string& place, const std::string& what) {
  return fail(ErrorKind::bad_input, place + ": " + what,
              "is this a processed profile of the Firefox Profiler?");
}

// The column that weights of this type belong to; empty where they are counts.
ValueType type_of_weights(std::string_view weight_type) {
  if (weight_type == "tracing-ms") return {"time", "nanoseconds"};
  if (weight_type == "bytes") return {"space", "bytes"};
  return {};
}

class FirefoxReader {
 public:
  FirefoxReader(const Json& file, const ValueType& weights)
      : file_(file), has_weights_(!weights.type.empty()), builder_(columns(weights)) {
    builder_.profile().default_value = has_weights_ ? 1 : 0;
  }

  Result<Profile> read() {
    read_meta();
    const Json::Array& threads = file_["threads"].items();
    for (std::size_t i = 0; i < threads.size(); ++i) {
      place_ = fmt::format("$.threads[{}]", i);
      SIGNALBOX_CHECK(read_thread(threads[i]));
    }
    if (builder_.profile().samples.empty()) return refused("$.threads", "no thread with a sample");
    return std::move(builder_).finish();
  }

 private:
  static std::vector<ValueType> columns(const ValueType& weights) {
    std::vector<ValueType> out{{"samples", "count"}};
    if (!weights.type.empty()) out.push_back(weights);
    return out;
  }

  void read_meta() {
    Profile& profile = builder_.profile();
    const Json& meta = file_["meta"];
    profile.start_unix_ns = scaled(meta["startTime"], kNsInMs);
    if (const std::string_view product = meta["product"].as_string(); !product.empty())
      profile.annotations.emplace_back("product", product);
    for (const Json& lib : file_["libs"].items()) {
      Mapping mapping;
      mapping.path = builder_.string(lib["path"].as_string(lib["name"].as_string()));
      mapping.build_id = builder_.string(lib["codeId"].as_string());
      libs_.push_back(builder_.mapping(mapping));
    }
    for (const Json& category : meta["categories"].items())
      is_kernel_.push_back(category["name"].as_string() == "Kernel");
  }

  // A table of the thread, or, since layout 60, of the whole file.
  const Json& table(const Json& thread, std::string_view name) const {
    const Json& own = thread[name];
    return own.is_object() ? own : file_["shared"][name];
  }

  Status read_thread(const Json& thread) {
    texts_ = &(thread["stringArray"].is_array()   ? thread["stringArray"]
               : thread["stringTable"].is_array() ? thread["stringTable"]
                                                  : file_["shared"]["stringArray"]);
    functions_ = &table(thread, "funcTable");
    frames_ = &table(thread, "frameTable");
    resources_ = &table(thread, "resourceTable");
    SIGNALBOX_CHECK(read_stacks(table(thread, "stackTable")));
    Thread out;
    const std::string pid(thread["pid"].as_string());
    out.pid = small(thread["pid"].is_string() ? Json(std::atoll(pid.c_str())) : thread["pid"]);
    const std::string tid(thread["tid"].as_string());
    out.tid = small(thread["tid"].is_string() ? Json(std::atoll(tid.c_str())) : thread["tid"]);
    out.name = builder_.string(thread["name"].as_string());
    out.process = builder_.string(thread["processName"].as_string());
    thread_ = builder_.thread(out);
    return read_samples(thread["samples"]);
  }

  std::string_view text(const Json& index) const {
    const std::size_t i = index_below(index, texts_->size());
    return i < texts_->size() ? texts_->items()[i].as_string() : std::string_view();
  }

  static std::int32_t small(const Json& number) {
    const std::int64_t value = scaled(number, 1);
    return value < 0 || value > std::numeric_limits<std::int32_t>::max() ? 0
                                                                         : static_cast<std::int32_t>(value);
  }

  Status read_stacks(const Json& table) {
    stacks_.clear();
    const Json& prefixes = table["prefix"];
    const Json& offsets = table["prefixOffset"];
    const std::size_t rows = table["frame"].size();
    for (std::size_t i = 0; i < rows; ++i) {
      std::size_t parent = kNone;
      if (offsets.is_array()) {
        const std::size_t offset = index_below(item(offsets, i), i + 1);
        if (offset > i)
          return refused(fmt::format("{}.stackTable.prefixOffset[{}]", place_, i), "no earlier stack");
        if (offset > 0) parent = i - offset;
      } else if (!item(prefixes, i).is_null()) {
        parent = index_below(item(prefixes, i), i);
        if (parent == i)
          return refused(fmt::format("{}.stackTable.prefix[{}]", place_, i), "no earlier stack");
      }
      const std::size_t frame_count = (*frames_)["func"].size();
      const std::size_t frame = index_below(item(table["frame"], i), frame_count);
      if (frame == frame_count)
        return refused(fmt::format("{}.stackTable.frame[{}]", place_, i), "no such frame");
      stacks_.push_back(builder_.stack(parent == kNone ? 0 : stacks_[parent], frame_of(frame)));
    }
    return {};
  }

  FrameId frame_of(std::size_t row) {
    const Json& functions = *functions_;
    const std::size_t function_row = index_below(item((*frames_)["func"], row), functions["name"].size());
    Function function;
    function.name = builder_.string(text(item(functions["name"], function_row)));
    function.file = builder_.string(file_of(function_row));
    function.start_line = small(item(functions["lineNumber"], function_row));
    Frame frame;
    frame.function = builder_.function(function);
    frame.line = small(item((*frames_)["line"], row));
    frame.column = small(item((*frames_)["column"], row));
    frame.mapping = mapping_of(row, function_row);
    if (const std::int64_t address = scaled(item((*frames_)["address"], row), 1, -1); address > 0)
      frame.address = static_cast<std::uint64_t>(address);
    const std::size_t category = index_below(item((*frames_)["category"], row), is_kernel_.size());
    if (scaled(item((*frames_)["inlineDepth"], row), 1) > 0) {
      frame.kind = FrameKind::inlined;
    } else if (category < is_kernel_.size() && is_kernel_[category]) {
      frame.kind = FrameKind::kernel;
    } else if (item(functions["isJS"], function_row).as_bool()) {
      frame.kind = FrameKind::interpreted;
    } else if (frame.mapping != 0) {
      frame.kind = kind_of_mapping(builder_.profile().text(builder_.profile().mappings[frame.mapping].path));
    } else {
      frame.kind =
          kind_of_name(builder_.profile().text(function.name), builder_.profile().text(function.file));
    }
    return builder_.frame(frame);
  }

  // Since layout 58 by way of a table of sources.
  std::string_view file_of(std::size_t function_row) const {
    const Json& sources = file_["shared"]["sources"]["filename"];
    const Json& source = item((*functions_)["source"], function_row);
    if (!source.is_number()) return text(item((*functions_)["fileName"], function_row));
    return text(item(sources, index_below(source, sources.size())));
  }

  // Since layout 70 a frame's own; before, by way of its function's resource.
  MappingId mapping_of(std::size_t row, std::size_t function_row) const {
    const Json* lib = &item((*frames_)["lib"], row);
    if (!lib->is_number()) {
      const Json& libs = (*resources_)["lib"];
      lib = &item(libs, index_below(item((*functions_)["resource"], function_row), libs.size()));
    }
    const std::size_t number = index_below(*lib, libs_.size());
    return number < libs_.size() ? libs_[number] : 0;
  }

  Status read_samples(const Json& samples) {
    const bool is_weighted = samples["weight"].is_array();
    const ValueType type = type_of_weights(samples["weightType"].as_string());
    const Json& deltas = samples["timeDeltas"];
    std::int64_t time_ns = 0;
    for (std::size_t i = 0; i < samples["stack"].size(); ++i) {
      time_ns = deltas.is_array() ? saturating_sum(time_ns, scaled(item(deltas, i), kNsInMs))
                                  : scaled(item(samples["time"], i), kNsInMs);
      const Json& stack = item(samples["stack"], i);
      if (stack.is_null()) continue;
      const std::size_t row = index_below(stack, stacks_.size());
      if (row == stacks_.size())
        return refused(fmt::format("{}.samples.stack[{}]", place_, i), "no such stack");
      std::int64_t values[2] = {1, 0};
      if (is_weighted && !type.type.empty()) {
        values[1] = scaled(item(samples["weight"], i), type.unit == "bytes" ? 1 : kNsInMs);
      } else if (is_weighted) {
        values[0] = scaled(item(samples["weight"], i), 1, 1);
      }
      builder_.append({stacks_[row], thread_, 0, std::max<std::int64_t>(time_ns, 0)},
                      std::span(values, has_weights_ ? 2 : 1));
      builder_.profile().duration_ns = std::max(builder_.profile().duration_ns, time_ns);
    }
    return {};
  }

  const Json& file_;
  bool has_weights_;
  ProfileBuilder builder_;
  std::string place_;  // of the thread that is read
  std::vector<MappingId> libs_;
  std::vector<bool> is_kernel_;  // by category
  const Json* texts_ = nullptr;
  const Json* functions_ = nullptr;
  const Json* frames_ = nullptr;
  const Json* resources_ = nullptr;
  std::vector<StackId> stacks_;
  ThreadId thread_ = 0;
};

}  // namespace

Result<Profile> read_firefox(std::string_view octets) {
  SIGNALBOX_TRY(const Json file, parse_profile_json(octets));
  const std::int64_t version = scaled(file["meta"]["preprocessedProfileVersion"], 1, -1);
  if (version < kVersionMin || version > kVersionMax) {
    return refused("$.meta.preprocessedProfileVersion",
                   fmt::format("{}: layouts {} to {} are read", version, kVersionMin, kVersionMax));
  }
  ValueType weights;
  for (const Json& thread : file["threads"].items()) {
    if (weights.type.empty()) weights = type_of_weights(thread["samples"]["weightType"].as_string());
  }
  return FirefoxReader(file, weights).read();
}

}  // namespace signalbox::profile
