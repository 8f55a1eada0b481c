#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/profile/formats/chrome_trace.hpp"
#include "instruments/profile/formats/json_input.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

constexpr double kNsInUs = 1e3;

// A duration that begins or ends.
struct Edge {
  std::int64_t at_ns = 0;
  std::int64_t until_ns = -1;  // of an "X"; -1: of "B", unknown yet
  std::string_view name;       // empty: an end
};

using ThreadKey = std::pair<std::int64_t, std::int64_t>;  // pid, tid

class ChromeTraceReader {
 public:
  ChromeTraceReader() : builder_({ValueType{"wall", "nanoseconds"}}) {}

  Result<Profile> read(const Json::Array& events, std::vector<std::string>& notes) {
    for (const Json& event : events) read_event(event);
    for (auto& [key, edges] : threads_) replay(key, edges);
    if (builder_.profile().samples.empty()) {
      return fail(ErrorKind::bad_input, "$.traceEvents: no event with a duration",
                  "events of the phases X, B and E are read");
    }
    if (ends_left_out_ > 0)
      notes.push_back(fmt::format("{} without a beginning left out", counted(ends_left_out_, "end")));
    return std::move(builder_).finish();
  }

 private:
  void read_event(const Json& event) {
    const std::string_view phase = event["ph"].as_string();
    const ThreadKey key{scaled(event["pid"], 1), scaled(event["tid"], 1)};
    const std::int64_t at = scaled(event["ts"], kNsInUs);
    const std::string_view name = event["name"].as_string("(no name)");
    if (phase == "X") {
      const std::int64_t length = std::max<std::int64_t>(scaled(event["dur"], kNsInUs), 0);
      threads_[key].push_back({at, at > kEnd - length ? kEnd : at + length, name});
    } else if (phase == "B") {
      threads_[key].push_back({at, -1, name.empty() ? "(no name)" : name});
    } else if (phase == "E") {
      threads_[key].push_back({at, -1, {}});
    } else if (phase == "M") {
      const std::string_view given = event["args"]["name"].as_string();
      if (name == "thread_name") thread_names_[key] = given;
      if (name == "process_name") process_names_[key.first] = given;
    }
  }

  // Walks the durations of a thread by time and gives each stack the time in which it was the innermost.
  void replay(const ThreadKey& key, std::vector<Edge>& edges) {
    std::stable_sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
      return a.at_ns != b.at_ns ? a.at_ns < b.at_ns : a.until_ns > b.until_ns;
    });
    thread_ = thread_of(key);
    open_.clear();
    for (const Edge& edge : edges) {
      close_until(edge.at_ns);
      pass_to(edge.at_ns);
      if (edge.name.empty()) {
        close_last_begun();
      } else if (open_.size() < kDepthMax) {
        const StackId above = open_.empty() ? 0 : open_.back().stack;
        open_.push_back(
            {builder_.stack(above, builder_.frame({builder_.function(edge.name)})), edge.until_ns});
      }
    }
    close_until(kEnd);
  }

  void close_until(std::int64_t at) {
    while (!open_.empty() && open_.back().until_ns >= 0 && open_.back().until_ns <= at) {
      pass_to(open_.back().until_ns);
      open_.pop_back();
    }
  }

  void close_last_begun() {
    if (open_.empty() || open_.back().until_ns >= 0) {
      ++ends_left_out_;
    } else {
      open_.pop_back();
    }
  }

  void pass_to(std::int64_t at) {
    if (!open_.empty() && at > now_) {
      std::int64_t length = 0;
      if (__builtin_sub_overflow(at, now_, &length)) length = kEnd;
      builder_.add({open_.back().stack, thread_}, std::span(&length, 1));
    }
    if (open_.empty() || at > now_) now_ = at;
  }

  ThreadId thread_of(const ThreadKey& key) {
    const auto id = [](std::int64_t number) {
      return number >= 0 && number <= std::numeric_limits<std::int32_t>::max()
                 ? static_cast<std::int32_t>(number)
                 : 0;
    };
    Thread thread;
    thread.pid = id(key.first);
    thread.tid = id(key.second);
    thread.name = builder_.string(thread_names_[key]);
    thread.process = builder_.string(process_names_[key.first]);
    return builder_.thread(thread);
  }

  struct Open {
    StackId stack = 0;
    std::int64_t until_ns = -1;
  };
  static constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

  ProfileBuilder builder_;
  std::map<ThreadKey, std::vector<Edge>> threads_;
  std::map<ThreadKey, std::string_view> thread_names_;
  std::map<std::int64_t, std::string_view> process_names_;
  ThreadId thread_ = 0;
  std::vector<Open> open_;
  std::int64_t now_ = 0;
  std::uint64_t ends_left_out_ = 0;
};

// The end of the list may be missing, and a comma may stand before it.
Result<Json> parse_trace(std::string_view octets) {
  auto whole = parse_profile_json(octets);
  if (whole || !trim(octets).starts_with('[')) return whole;
  const std::size_t last = octets.rfind('}');
  if (last == std::string_view::npos) return whole;
  auto closed = parse_profile_json(std::string(octets.substr(0, last + 1)) + "]");
  return closed ? std::move(closed) : std::move(whole);
}

}  // namespace

Result<Profile> read_chrome_trace(std::string_view octets, std::vector<std::string>& notes) {
  SIGNALBOX_TRY(const Json file, parse_trace(octets));
  return ChromeTraceReader().read((file.is_array() ? file : file["traceEvents"]).items(), notes);
}

}  // namespace signalbox::profile
