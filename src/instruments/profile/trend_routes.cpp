// What part of a service's time one function has, from profile to profile.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/profile/analysis/function_share.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/kept_desk.hpp"

namespace signalbox::profile {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

// Each profile is read whole: a page is few of them, and the time for it is limited.
constexpr std::size_t kListed = 10;
constexpr std::size_t kMaxListed = 50;
constexpr std::chrono::seconds kTimeMax{5};

struct TrendQuery {
  std::string function;
  std::optional<std::string> value;  // nullopt: what is drawn of the newest
  KeptQuery profiles;
};

Result<TrendQuery> query_of(const Request& request) {
  TrendQuery out;
  SIGNALBOX_TRY(out.profiles, kept_query(request, kListed, kMaxListed));
  out.function = query_text(request, "function").value_or("");
  if (out.function.empty() || out.profiles.service.empty())
    return fail(ErrorKind::bad_input, "function and service: a trend is of one function in one service");
  out.value = query_text(request, "value");
  if (!out.value && !out.profiles.before.empty())
    return fail(ErrorKind::bad_input, "before: goes with the `value` of the page before it");
  return out;
}

// The function in one profile; what is measured otherwise, and what cannot be read, is an error. unavailable:
// nobody could read it now.
Result<Json> point_of(KeptDesk& desk, const std::string& octets, const KeptProfile& kept,
                      const TrendQuery& query) {
  SIGNALBOX_TRY(const ImportedProfile imported,
                desk.readers().read(octets, profile_format_from(kept.format)));
  SIGNALBOX_TRY(const std::size_t value, value_column(imported.profile, query.value));
  const FunctionShare share = share_of(imported.profile, value, query.function);
  return Json::object({{"id", kept.id},
                       {"taken", to_rfc3339(kept.taken)},
                       {"commit", kept.commit.empty() ? Json() : Json(kept.commit)},
                       {"self_share", share_json(share.self)},
                       {"cumulative_share", share_json(share.cumulative)}});
}

Result<Response> trend(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(TrendQuery query, query_of(request));
  const auto end = std::chrono::steady_clock::now() + kTimeMax;
  return desk.with_store([&](ProfileStore& store) -> Result<Response> {
    SIGNALBOX_TRY(const std::vector<KeptProfile> found, store.list(query.profiles));
    if (!query.value && !found.empty()) query.value = found.front().type;
    Json points = Json::array();
    Json left_out = Json::array();
    std::size_t read = 0;
    for (const KeptProfile& kept : found) {
      if (read > 0 && std::chrono::steady_clock::now() > end) break;
      const Result<std::string> octets = store.octets(kept);
      Result<Json> point = octets ? point_of(desk, *octets, kept, query) : fail(octets.error());
      if (octets && !point && point.error().kind == ErrorKind::unavailable) {
        if (read == 0) return fail(std::move(point).error());
        break;
      }
      ++read;
      if (point) {
        points.push_back(std::move(*point));
      } else {
        left_out.push_back(Json::object({{"id", kept.id}, {"why", printable(point.error().message)}}));
      }
    }
    const bool has_more = read < found.size() || found.size() == query.profiles.limit;
    return Response::json(Json::object({{"service", query.profiles.service},
                                        {"function", query.function},
                                        {"value", query.value ? Json(*query.value) : Json()},
                                        {"points", std::move(points)},
                                        {"left_out", std::move(left_out)},
                                        {"before", has_more ? Json(found[read - 1].id) : Json()}}));
  });
}

}  // namespace

std::vector<http::Route> trend_routes(const std::shared_ptr<KeptDesk>& desk) {
  std::vector<http::Parameter> asked = kept_parameters("10, at most 50; fewer where they take long to read");
  asked.push_back(query_parameter("function", "its name, as the table of functions has it"));
  asked.push_back(query_parameter(
      "value", "cpu, samples …; default: what is drawn of the newest profile; goes with `before`"));
  std::vector<http::Route> out;
  out.push_back(
      get_route("/trend", "What part one function has of each kept profile of a service, the newest first",
                std::move(asked), [desk](const Request& request) { return trend(*desk, request); }));
  return out;
}

}  // namespace signalbox::profile
