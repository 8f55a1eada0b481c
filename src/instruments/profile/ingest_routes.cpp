// Profiles that others send: any format by its content, as Pyroscope's clients send them, and as
// OpenTelemetry collectors do.
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/profile/exchange/pyroscope_request.hpp"
#include "instruments/profile/kept_desk.hpp"

namespace signalbox::profile {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

constexpr int kCreated = 201;
constexpr int kUnsupportedMediaType = 415;
constexpr std::string_view kProtobuf = "application/x-protobuf";

Result<ProfileStore::Added> keep(KeptDesk& desk, std::string_view octets, Giving giving,
                                 const Request& request, std::optional<ProfileFormat> format = {},
                                 std::vector<std::string>* notes = nullptr) {
  if (octets.empty()) return fail(ErrorKind::bad_input, "the body is empty", "it is the profile");
  giving.by = request.principal.name;
  SIGNALBOX_TRY(const ImportedProfile imported, desk.readers().read(octets, format));
  SIGNALBOX_TRY(const KeptProfile kept, describe(imported, octets, giving, desk.services().clock.now()));
  if (notes != nullptr) *notes = imported.notes;
  return desk.with_store([&](ProfileStore& store) { return store.add(kept, octets); });
}

// `label.region=eu` is the label region.
KeptLabels labels_in(const Request& request) {
  constexpr std::string_view kPrefix = "label.";
  KeptLabels out;
  for (const auto& [name, value] : request.query) {
    if (name.starts_with(kPrefix) && name.size() > kPrefix.size())
      out.emplace_back(name.substr(kPrefix.size()), value);
  }
  return out;
}

Result<Response> ingest(KeptDesk& desk, const Request& request) {
  Giving giving;
  giving.service = query_text(request, "service").value_or("");
  giving.labels = labels_in(request);
  std::vector<std::string> notes;
  SIGNALBOX_TRY(const ProfileStore::Added added,
                keep(desk, request.body, std::move(giving), request, {}, &notes));
  Json body = to_json(added.profile);
  body.set("was_there", added.was_there);
  Json said = Json::array();
  for (const std::string& note : notes) said.push_back(printable(note));
  body.set("notes", std::move(said));
  Response out = Response::json(body, added.was_there ? 200 : kCreated);
  out.headers.emplace_back("Location", fmt::format("{}/profiles/{}", kProfileApi, added.profile.id));
  return out;
}

std::string header_of(const Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

Result<Response> ingest_pyroscope(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const PyroscopeRequest wanted, pyroscope_request(request.query));
  SIGNALBOX_TRY(const std::string_view octets,
                profile_in_body(header_of(request, "content-type"), request.body));
  SIGNALBOX_CHECK(keep(desk, octets, {wanted.app, wanted.labels, wanted.from, {}}, request));
  Response out;
  out.content_type = "text/plain; charset=utf-8";
  return out;
}

// OTLP/HTTP: the answer is an ExportProfilesServiceResponse, of which nothing was refused: no octets.
Result<Response> ingest_otlp(KeptDesk& desk, const Request& request) {
  if (!header_of(request, "content-type").starts_with(kProtobuf))
    return Response::problem(kUnsupportedMediaType, {ErrorKind::bad_input, "profiles are taken as protobuf",
                                                     fmt::format("Content-Type: {}", kProtobuf)});
  SIGNALBOX_CHECK(keep(desk, request.body, {}, request, ProfileFormat::otlp));
  Response out;
  out.content_type = kProtobuf;
  return out;
}

http::Route post(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                 http::Handler handle) {
  http::Route out;
  out.method = http::Method::post;
  out.path = std::move(path);
  out.summary = std::move(summary);
  out.role = http::Role::operator_;
  out.parameters = std::move(parameters);
  out.handle = std::move(handle);
  return out;
}

}  // namespace

std::vector<http::Route> ingest_routes(const std::shared_ptr<KeptDesk>& desk) {
  std::vector<http::Route> out;
  out.push_back(post(std::string(kProfileApi) + "/ingest",
                     "Keeps a profile: the body in any format that is read, by its content",
                     {query_parameter("service", "what was profiled; default: what the profile says"),
                      query_parameter("label.NAME", "a label, several with other names")},
                     [desk](const Request& request) { return ingest(*desk, request); }));
  out.push_back(post("/ingest", "Keeps a profile, as Pyroscope's clients send it",
                     {query_parameter("name", "app{label=value,…}"), query_parameter("from", "when it began"),
                      query_parameter("format", "pprof, folded or speedscope; the content decides")},
                     [desk](const Request& request) { return ingest_pyroscope(*desk, request); }));
  out.push_back(post("/v1development/profiles", "Keeps profiles of OpenTelemetry, as OTLP/HTTP sends them",
                     {}, [desk](const Request& request) { return ingest_otlp(*desk, request); }));
  return out;
}

}  // namespace signalbox::profile
