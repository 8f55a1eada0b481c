#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/formats/firefox.hpp"
#include "instruments/profile/formats/thread_rows.hpp"

namespace signalbox::profile {
namespace {

constexpr double kNsInMs = 1e6;
constexpr int kGeckoVersion = 30;
constexpr int kLibraryResource = 1;

// Categories, by the kinds of frames; the first grey one is the viewer's default.
struct Category {
  const char* name;
  const char* color;
};
constexpr Category kCategories[] = {{"Other", "grey"},         {"User", "yellow"},
                                    {"Kernel", "orange"},      {"JIT", "lightblue"},
                                    {"Interpreted", "purple"}, {"Profiler", "transparent"}};

int category_of(FrameKind kind) {
  switch (kind) {
    case FrameKind::user:
    case FrameKind::inlined:
      return 1;
    case FrameKind::kernel:
      return 2;
    case FrameKind::jit:
      return 3;
    case FrameKind::interpreted:
      return 4;
    case FrameKind::synthetic:
      return 5;
  }
  return 0;
}

// A table by column, with its length.
class Table {
 public:
  explicit Table(std::initializer_list<const char*> columns) {
    for (const char* column : columns) columns_.emplace_back(column, Json::array());
  }
  // One value for each column; its row.
  std::size_t add(std::initializer_list<Json> values) {
    auto column = columns_.begin();
    for (const Json& value : values) (column++)->second.push_back(value);
    return length_++;
  }
  std::size_t size() const { return length_; }
  Json json() && {
    columns_.emplace_back("length", Json(length_));
    return Json(std::move(columns_));
  }

 private:
  Json::Object columns_;
  std::size_t length_ = 0;
};

class FirefoxWriter {
 public:
  FirefoxWriter(const Profile& profile, std::size_t value) : profile_(profile), value_(value) {
    const std::string& unit = profile.value_types[value].unit;
    if (unit == "nanoseconds") weight_type_ = "tracing-ms";
    if (unit == "bytes") weight_type_ = "bytes";
    if (profile.period_type.unit == "nanoseconds" && profile.period > 0)
      interval_ms_ = static_cast<double>(profile.period) / kNsInMs;
  }

  std::string write() {
    Json threads = Json::array();
    for (const ThreadRows& rows : rows_by_thread(profile_)) threads.push_back(thread(rows));
    Json texts = Json::array();
    for (const std::string& text : texts_) texts.push_back(text);
    Json out = Json::object({{"meta", meta()},
                             {"libs", libs()},
                             {"pages", Json::array()},
                             {"shared", Json::object({{"stringArray", std::move(texts)}})},
                             {"threads", std::move(threads)}});
    return out.dump() + "\n";
  }

 private:
  static std::string clean(std::string_view text) {
    return is_utf8(text) ? std::string(text) : escape_invalid_utf8(text);
  }

  std::size_t text(std::string_view text) {
    const auto [found, is_new] = numbers_.try_emplace(clean(text), texts_.size());
    if (is_new) texts_.push_back(found->first);
    return found->second;
  }

  Json meta() const {
    Json categories = Json::array();
    for (const auto& [name, color] : kCategories) {
      Json subcategories = Json::array();
      subcategories.push_back("Other");
      categories.push_back(
          Json::object({{"name", name}, {"color", color}, {"subcategories", std::move(subcategories)}}));
    }
    Json entries = Json::array();
    for (const auto& [key, value] : profile_.annotations)
      entries.push_back(Json::object({{"label", clean(key)}, {"format", "string"}, {"value", clean(value)}}));
    Json extra = Json::array();
    extra.push_back(Json::object({{"label", "Recorded"}, {"entries", std::move(entries)}}));
    return Json::object(
        {{"interval", interval_ms_},
         {"startTime", static_cast<double>(profile_.start_unix_ns) / kNsInMs},
         {"processType", 0},
         {"product", clean(title_of(profile_))},
         {"importedFrom", "signalbox"},
         {"stackwalk", 1},
         {"debug", false},
         {"version", kGeckoVersion},
         {"preprocessedProfileVersion", kFirefoxVersion},
         {"symbolicated", true},
         {"usesOnlyOneStackType", true},
         {"sourceCodeIsNotOnSearchfox", true},
         {"categories", std::move(categories)},
         {"markerSchema", Json::array()},
         {"sampleUnits", Json::object({{"time", "ms"}, {"eventDelay", "ms"}, {"threadCPUDelta", "ns"}})},
         {"extra", std::move(extra)}});
  }

  Json libs() const {
    Json out = Json::array();
    for (MappingId id = 1; id < profile_.mappings.size(); ++id) {
      const Mapping& mapping = profile_.mappings[id];
      const std::string path = clean(profile_.text(mapping.path));
      const std::string name = path.substr(path.rfind('/') + 1);
      const std::string build_id(profile_.text(mapping.build_id));
      out.push_back(Json::object({{"arch", ""},
                                  {"name", name},
                                  {"path", path},
                                  {"debugName", name},
                                  {"debugPath", path},
                                  {"breakpadId", breakpad_id(build_id)},
                                  {"codeId", build_id.empty() ? Json() : Json(clean(build_id))}}));
    }
    return out;
  }

  // A build id as Breakpad has it: the first 16 octets as a GUID of three little-endian parts and the rest,
  // then an age of 0.
  static std::string breakpad_id(std::string build_id) {
    if (build_id.empty() || !is_utf8(build_id)) return {};
    build_id.resize(32, '0');
    std::string out;
    for (const auto& [first, octets] : {std::pair{0, 4}, {4, 2}, {6, 2}}) {
      for (int i = octets; i-- > 0;) out += build_id.substr(static_cast<std::size_t>(2 * (first + i)), 2);
    }
    out += build_id.substr(16) + "0";
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
  }

  // The tables of one thread while they grow.
  struct Tables {
    Table frames{"address",      "inlineDepth",   "category", "subcategory", "func",
                 "nativeSymbol", "innerWindowID", "line",     "column"};
    Table functions{"name", "isJS", "relevantForJS", "resource", "fileName", "lineNumber", "columnNumber"};
    Table resources{"lib", "name", "host", "type"};
    Table stacks{"frame", "prefix"};
    Table samples{"stack", "time", "weight"};
    std::unordered_map<FrameId, std::size_t> frame_rows;
    std::unordered_map<std::uint64_t, std::size_t>
        function_rows;  // by function, or frame without one, and mapping
    std::unordered_map<MappingId, std::size_t> resource_rows;
    std::unordered_map<StackId, std::size_t> stack_rows;
  };

  Json thread(const ThreadRows& rows) {
    Tables tables;
    double next_ms = 0;
    for (const std::size_t index : rows.samples) {
      const Sample& sample = profile_.samples[index];
      const std::int64_t value = profile_.values_of(index)[value_];
      if (value == 0) continue;
      const bool is_time = weight_type_ == std::string_view("tracing-ms");
      const double weight_ms = is_time ? static_cast<double>(value) / kNsInMs : interval_ms_;
      const double time_ms = sample.time_ns >= 0 ? static_cast<double>(sample.time_ns) / kNsInMs : next_ms;
      next_ms = std::max(next_ms, time_ms) + std::max(weight_ms, 0.0);
      tables.samples.add({sample.stack == 0 ? Json() : Json(stack(tables, sample.stack)), time_ms,
                          is_time ? Json(weight_ms) : Json(static_cast<long long>(value))});
    }
    return thread_json(profile_.threads[rows.thread], std::move(tables));
  }

  Json thread_json(const Thread& thread, Tables tables) {
    Json samples = std::move(tables.samples).json();
    samples.set("weightType", weight_type_);
    const std::string name = clean(profile_.text(thread.name));
    const std::string process = clean(profile_.text(thread.process));
    return Json::object(
        {{"processType", "default"},
         {"processStartupTime", 0},
         {"processShutdownTime", Json()},
         {"registerTime", 0},
         {"unregisterTime", Json()},
         {"pausedRanges", Json::array()},
         {"name", name.empty() ? clean(title_of(profile_, thread)) : name},
         {"isMainThread", thread.pid == thread.tid},
         {"processName", process.empty() ? clean(title_of(profile_)) : process},
         {"pid", std::to_string(thread.pid)},
         {"tid", thread.tid},
         {"samples", std::move(samples)},
         {"markers", std::move(Table{"data", "name", "startTime", "endTime", "phase", "category"}).json()},
         {"stackTable", std::move(tables.stacks).json()},
         {"frameTable", std::move(tables.frames).json()},
         {"funcTable", std::move(tables.functions).json()},
         {"resourceTable", std::move(tables.resources).json()},
         {"nativeSymbols", std::move(Table{"libIndex", "address", "name", "functionSize"}).json()}});
  }

  // Root first, so that a prefix stands before what is called from it.
  std::size_t stack(Tables& tables, StackId top) {
    std::vector<StackId> missing;
    StackId known = top;
    for (; known != 0 && !tables.stack_rows.contains(known); known = profile_.stacks[known].parent)
      missing.push_back(known);
    Json prefix = known == 0 ? Json() : Json(tables.stack_rows[known]);
    std::size_t row = known == 0 ? 0 : tables.stack_rows[known];
    for (; !missing.empty(); missing.pop_back()) {
      const Stack& node = profile_.stacks[missing.back()];
      const std::size_t frame_row = frame(tables, node.frame, inline_depth(missing.back()));
      row = tables.stacks.add({frame_row, prefix});
      tables.stack_rows.emplace(missing.back(), row);
      prefix = Json(row);
    }
    return row;
  }

  // How many frames below the top of a stack were not inlined into the one below them, counted from the top.
  int inline_depth(StackId stack) const {
    int depth = 0;
    for (; stack != 0 && profile_.frames[profile_.stacks[stack].frame].kind == FrameKind::inlined;
         stack = profile_.stacks[stack].parent)
      ++depth;
    return depth;
  }

  std::size_t frame(Tables& tables, FrameId id, int depth) {
    if (const auto found = tables.frame_rows.find(id); found != tables.frame_rows.end()) return found->second;
    const Frame& frame = profile_.frames[id];
    const std::size_t function_row = function(tables, id);
    const std::size_t row = tables.frames.add(
        {address_of(frame), depth, category_of(frame.kind), 0, function_row, Json(), Json(),
         frame.line > 0 ? Json(frame.line) : Json(), frame.column > 0 ? Json(frame.column) : Json()});
    tables.frame_rows.emplace(id, row);
    return row;
  }

  // In its file; -1: unknown.
  Json address_of(const Frame& frame) const {
    const Mapping& mapping = profile_.mappings[frame.mapping];
    if (frame.mapping == 0 || frame.address < mapping.start) return -1;
    const std::uint64_t address = frame.address - mapping.start + mapping.file_offset;
    return address >> 53 == 0 ? Json(address) : Json(-1);
  }

  std::size_t function(Tables& tables, FrameId id) {
    const Frame& frame = profile_.frames[id];
    const std::uint64_t owner = frame.function == 0 ? (std::uint64_t{1} << 63) | id : frame.function;
    const std::uint64_t key = owner ^ (std::uint64_t{frame.mapping} << 32);
    if (const auto found = tables.function_rows.find(key); found != tables.function_rows.end())
      return found->second;
    const Function& function = profile_.functions[frame.function];
    const bool is_script = frame.kind == FrameKind::interpreted;
    const std::size_t row = tables.functions.add(
        {text(profile_.name_of_frame(id)), is_script, false,
         frame.mapping == 0 ? Json(-1) : Json(resource(tables, frame.mapping)),
         function.file.empty() ? Json() : Json(text(profile_.text(function.file))),
         function.start_line > 0 ? Json(static_cast<long long>(function.start_line)) : Json(), Json()});
    tables.function_rows.emplace(key, row);
    return row;
  }

  std::size_t resource(Tables& tables, MappingId mapping) {
    const auto [found, is_new] = tables.resource_rows.try_emplace(mapping, tables.resources.size());
    if (is_new) {
      Frame frame;
      frame.mapping = mapping;
      tables.resources.add({mapping - 1, text(profile_.module_of(frame)), Json(), kLibraryResource});
    }
    return found->second;
  }

  const Profile& profile_;
  std::size_t value_;
  const char* weight_type_ = "samples";
  double interval_ms_ = 1;
  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

}  // namespace

std::string write_firefox(const Profile& profile, std::size_t value) {
  return FirefoxWriter(profile, value).write();
}

}  // namespace signalbox::profile
