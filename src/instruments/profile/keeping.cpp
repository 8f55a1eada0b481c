#include "instruments/profile/keeping.hpp"

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/remote/remote_log.hpp"
#include "instruments/profile/kept/profile_store.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;
constexpr std::chrono::seconds kDeadline{120};  // profiles are larger than most of what is sent

Error refusal(const http::ClientResponse& response, const std::string& origin) {
  const Json body = parse_json(response.body).value_or(Json());
  const std::string_view detail = body["detail"].as_string();
  const std::string why =
      detail.empty() ? fmt::format("status {}", response.status) : printable(detail.substr(0, 500));
  if (response.status == 401 || response.status == 403)
    return {ErrorKind::denied, fmt::format("{} refuses: {}", origin, why),
            "keeping profiles there needs a token of the role operator"};
  if (response.status >= 500 || response.status == 429)
    return {ErrorKind::unavailable, fmt::format("{} cannot take it now: {}", origin, why), "send it again"};
  return {ErrorKind::bad_input, fmt::format("{} refuses: {}", origin, why), {}};
}

Result<KeptThere> send(std::string_view octets, const Giving& giving, const std::string& store) {
  SIGNALBOX_TRY(const remote::Server server, remote::server_from(store));
  http::ClientRequest request;
  request.method = "POST";
  request.url = server.origin + "/api/v1/profile/ingest?service=" + to_percent(giving.service);
  for (const auto& [name, value] : giving.labels)
    request.url += fmt::format("&label.{}={}", to_percent(name), to_percent(value));
  request.headers = {{"Authorization", "Bearer " + server.token},
                     {"Content-Type", "application/octet-stream"}};
  request.body = octets;
  request.ca_file = server.ca_file;
  request.deadline = kDeadline;
  request.max_response_bytes = kMaxAnswerBytes;
  SIGNALBOX_TRY(const http::ClientResponse response, http::send(request));
  if (response.status != 200 && response.status != 201) return fail(refusal(response, server.origin));
  const Json kept = parse_json(response.body).value_or(Json());
  const std::string id(kept["id"].as_string());
  if (id.empty())
    return fail(ErrorKind::unavailable, server.origin + " does not answer as a Signalbox server does",
                "check --store, and that both are of the same version");
  return KeptThere{id, printable(kept["service"].as_string()), kept["was_there"].as_bool()};
}

}  // namespace

Result<KeptThere> keep_profile(std::string_view octets, const ImportedProfile& imported, const Giving& giving,
                               const cli::Context& context) {
  // Described here too: what cannot be kept is refused before it is sent.
  SIGNALBOX_TRY(const KeptProfile kept, describe(imported, octets, giving, context.clock.now()));
  if (remote::is_server(context.store)) return send(octets, giving, context.store);
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  ProfileStore store(*database, blobs_of(context.workspace, context.store));
  SIGNALBOX_TRY(const ProfileStore::Added added, store.add(kept, octets));
  for (const std::string& note : store.notes()) context.say(note);
  return KeptThere{added.profile.id, added.profile.service, added.was_there};
}

}  // namespace signalbox::profile
