// Kept profiles: which there are, what one says of itself, its files.
#include <fmt/format.h>

#include "core/http/query.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/artifacts.hpp"
#include "instruments/profile/check_verdicts.hpp"
#include "instruments/profile/draw/shown_name.hpp"
#include "instruments/profile/kept_desk.hpp"

namespace signalbox::profile {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

constexpr std::size_t kListed = 50;
constexpr std::size_t kMaxListed = 200;
constexpr std::size_t kTopRows = 30;
constexpr std::size_t kMaxTopRows = 1'000;
constexpr std::string_view kKeptFormat = "kept";  // the octets as they came

Result<KeptQuery> query_of(const Request& request) {
  SIGNALBOX_TRY(KeptQuery out, kept_query(request, kListed, kMaxListed));
  out.commit = query_text(request, "commit").value_or("");
  return out;
}

Json with_verdict(Json json, const std::map<std::string, CheckVerdict>& verdicts) {
  const auto found = verdicts.find(std::string(json["id"].as_string()));
  json.set("verdict", found == verdicts.end() ? Json()
                                              : Json::object({{"check", found->second.verdict},
                                                              {"evidence", found->second.index}}));
  return json;
}

Result<Response> list(const KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const KeptQuery query, query_of(request));
  return desk.with_store([&](ProfileStore& store) -> Result<Response> {
    SIGNALBOX_TRY(const std::vector<KeptProfile> found, store.list(query));
    SIGNALBOX_TRY(const ProfileStore::Totals totals, store.totals());
    SIGNALBOX_TRY(const std::vector<std::string> services, store.services());
    std::vector<std::string> ids;
    for (const KeptProfile& each : found) ids.push_back(each.id);
    SIGNALBOX_TRY(const auto verdicts, check_verdicts(desk.services(), ids));
    Json profiles = Json::array();
    for (const KeptProfile& each : found) {
      Json json = with_verdict(to_json(each), verdicts);
      json.set("thumbnail", parse_json(each.thumbnail).value_or(Json()));
      profiles.push_back(std::move(json));
    }
    Json names = Json::array();
    for (const std::string& service : services) names.push_back(service);
    return Response::json(Json::object({{"profiles", std::move(profiles)},
                                        {"services", std::move(names)},
                                        {"kept", totals.profiles},
                                        {"bytes", totals.bytes}}));
  });
}

Json pairs_json(const Annotations& annotations) {
  Json out = Json::array();
  for (const auto& [key, value] : annotations) out.push_back(Json::Array{plain_text(key), plain_text(value)});
  return out;
}

Result<Response> one(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const KeptDesk::Opened opened, desk.open(request.parameters.at("id")));
  SIGNALBOX_TRY(const auto verdicts, check_verdicts(desk.services(), {opened.kept.id}));
  Json out = with_verdict(to_json(opened.kept), verdicts);
  Json values = Json::array();
  for (const ValueType& type : opened.profile->value_types)
    values.push_back(Json::object({{"type", plain_text(type.type)}, {"unit", plain_text(type.unit)}}));
  out.set("values", std::move(values));
  out.set("annotations", pairs_json(opened.profile->annotations));
  return Response::json(out);
}

Result<Response> table(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const KeptDesk::Opened opened, desk.open(request.parameters.at("id")));
  SIGNALBOX_TRY(const std::size_t rows, query_count(request, "rows", kTopRows, kMaxTopRows));
  TopOptions options;
  SIGNALBOX_TRY(options.value, value_column(*opened.profile, query_text(request, "value")));
  SIGNALBOX_TRY(const std::string_view order, query_word(request, "order", {"self", "cumulative"}));
  SIGNALBOX_TRY(const std::string_view by, query_word(request, "by", {"function", "line"}));
  if (order == "cumulative") options.order = TopOrder::cumulative;
  if (by == "line") options.by = TopBy::line;
  return Response::json(to_json(top_report(top(*opened.profile, options), opened.kept.service, rows)));
}

// What others sent may be a picture with scripts in it once it is drawn: it is a file to save, and no page of
// this server.
Response as_file(std::string octets, const KeptProfile& kept, std::string_view ending) {
  Response out;
  out.content_type = "application/octet-stream";
  out.headers = {{"Content-Disposition",
                  fmt::format("attachment; filename=\"profile-{}{}\"", kept.id.substr(0, 12), ending)},
                 {"Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'"}};
  out.body = std::move(octets);
  return out;
}

Result<Response> artifact(KeptDesk& desk, const Request& request) {
  const std::string& id = request.parameters.at("id");
  const std::string name = query_text(request, "format").value_or(std::string(kKeptFormat));
  if (name == kKeptFormat) {
    return desk.with_store([&](ProfileStore& store) -> Result<Response> {
      SIGNALBOX_TRY(const KeptProfile kept, store.find(id));
      SIGNALBOX_TRY(std::string octets, store.octets(kept));
      const auto format = profile_format_from(kept.format);
      return as_file(std::move(octets), kept, format ? extension_of(*format) : std::string_view());
    });
  }
  auto format = artifact_format_named(name);
  if (!format) return fail_in("format", std::move(format).error());
  SIGNALBOX_TRY(const KeptDesk::Opened opened, desk.open(id));
  SIGNALBOX_TRY(std::string octets, artifact_octets(*opened.profile, *format));
  return as_file(std::move(octets), opened.kept, ending_of(*format));
}

Result<Response> remove(const KeptDesk& desk, const Request& request) {
  return desk.with_store([&](ProfileStore& store) -> Result<Response> {
    SIGNALBOX_CHECK(store.remove(request.parameters.at("id")));
    Response out;
    out.status = 204;
    out.content_type.clear();
    return out;
  });
}

// Its id is how many there are and when the newest came.
Result<std::string> stream(const KeptDesk& desk, const std::string& last_id, http::EventSink& sink) {
  return desk.with_store([&](ProfileStore& store) -> Result<std::string> {
    SIGNALBOX_TRY(const ProfileStore::Totals totals, store.totals());
    std::string id = fmt::format("{}-{}", totals.profiles, totals.newest_ms);
    if (id != last_id)
      sink.send("kept", id, Json::object({{"kept", totals.profiles}, {"bytes", totals.bytes}}).dump());
    return id;
  });
}

}  // namespace

std::vector<http::Route> kept_routes(const std::shared_ptr<KeptDesk>& desk) {
  std::vector<http::Route> out;
  std::vector<http::Parameter> asked = kept_parameters("50, at most 200");
  asked.push_back(query_parameter("commit", "of the commit whose id begins so"));
  out.push_back(get_route("/profiles", "The profiles that are kept, the newest first", std::move(asked),
                          [desk](const Request& request) { return list(*desk, request); }));
  out.push_back(get_route("/profiles/{id}", "One of them, with all that it says of itself", {id_parameter()},
                          [desk](const Request& request) { return one(*desk, request); }));
  out.push_back(
      get_route("/profiles/{id}/top", "Its functions by what they cost",
                {id_parameter(), query_parameter("value", "cpu, samples …"),
                 query_parameter("order", "self or cumulative"), query_parameter("by", "function or line"),
                 query_parameter("rows", "30, at most 1,000", "integer")},
                [desk](const Request& request) { return table(*desk, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(get_route("/profiles/{id}/artifact", "It as a file",
                          {id_parameter(), query_parameter("format",
                                                           "kept (as it came), flamegraph, html, "
                                                           "pprof, speedscope, folded …")},
                          [desk](const Request& request) { return artifact(*desk, request); }));
  http::Route removing = get_route("/profiles/{id}", "It is kept no longer", {id_parameter()},
                                   [desk](const Request& request) { return remove(*desk, request); });
  removing.method = http::Method::del;
  removing.role = http::Role::approver;
  out.push_back(std::move(removing));
  http::Route events =
      get_route("/stream", "How many are kept, as server-sent events whenever it changes", {}, {});
  events.events = [desk](const Request&, const std::string& last_id, http::EventSink& sink) {
    return stream(*desk, last_id, sink);
  };
  out.push_back(std::move(events));
  return out;
}

}  // namespace signalbox::profile
