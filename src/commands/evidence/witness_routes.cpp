// What others ask a witness (C2SP tlog-witness), and what the console shows of witnesses and alarms.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/witness_state.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/evidence/witness.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using http::Request;
using http::Response;
using Shared = std::shared_ptr<const Services>;

Response plain(int status, std::string content_type, std::string body) {
  Response out;
  out.status = status;
  out.content_type = std::move(content_type);
  out.headers = {{"Cache-Control", "no-store"}};
  out.body = std::move(body);
  return out;
}

// Both checkpoints become a statement in this machine's own log, where that can be written.
void record_alarm(const Services& services, const ev::Alarm& alarm) {
  if (!services.sequencer || !services.signing_key) return;
  const auto statement = ev::conflict_statement(alarm);
  const auto payload = statement ? ev::write_statement(*statement) : fail(statement.error());
  if (!payload) return;
  (void)services.sequencer->append(
      {ev::write_envelope(ev::sign_envelope(ev::kPayloadType, *payload, {services.signing_key.get()}))});
}

Result<Response> add_checkpoint(const Services& services, const Request& request) {
  if (!services.witness_key) return plain(503, "text/plain; charset=utf-8", "this server is no witness\n");
  SIGNALBOX_TRY(store::Database* const database, services.database());
  SIGNALBOX_TRY(const ev::WitnessAnswer answer,
                ev::Witness(*database, services.clock)
                    .add_checkpoint(request.body, *services.witness_key,
                                    [&](const ev::Alarm& alarm) { record_alarm(services, alarm); }));
  return plain(answer.status, answer.content_type, answer.body);
}

Result<Response> cosigned_checkpoint(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  SIGNALBOX_TRY(
      std::string note,
      ev::Witness(*database, services.clock).checkpoint_of(request.parameters.find("origin_hash")->second));
  Response out = plain(200, "text/plain; charset=utf-8", std::move(note));
  out.headers = {{"Cache-Control", "no-cache"}};
  return out;
}

Result<Response> witnesses(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  SIGNALBOX_TRY(Json state, witness_state(*database, services.clock));
  if (services.witness_key) state.set("vkey", ev::witness_key(services.witness_key->public_key()).vkey());
  return Response::json(state);
}

}  // namespace

std::vector<http::Route> witness_routes(const std::shared_ptr<const Services>& services) {
  std::vector<http::Route> out(3);
  out[0].method = http::Method::post;
  out[0].path = "/evidence/add-checkpoint";
  out[0].summary = "Have the checkpoint of a known log cosigned (C2SP tlog-witness)";
  out[0].role = http::Role::none;
  out[0].handle = [services](const Request& request) { return add_checkpoint(*services, request); };
  out[1].path = "/evidence/{origin_hash}/checkpoint";
  out[1].summary = "The newest checkpoint of a log that was cosigned here (C2SP tlog-witness)";
  out[1].role = http::Role::none;
  out[1].parameters = {
      {"origin_hash", http::Parameter::In::path, "SHA-256 of the log's origin, hexadecimal", true, "string"}};
  out[1].handle = [services](const Request& request) { return cosigned_checkpoint(*services, request); };
  out[2].path = "/api/v1/evidence/witnesses";
  out[2].summary = "Witnesses of this log, logs witnessed here, and alarms";
  out[2].handle = [services](const Request&) { return witnesses(*services); };
  return out;
}

}  // namespace signalbox::evidence_command
