#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "commands/evidence/audience.hpp"
#include "commands/evidence/commands.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/redaction.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/http/query.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using http::query_parameter;
using http::Request;
using http::Response;
using Shared = std::shared_ptr<const Services>;

constexpr std::size_t kMaxListed = 500;
constexpr std::size_t kDefaultListed = 50;
constexpr std::size_t kMaxCachedEntries = 4096;
constexpr std::chrono::milliseconds kMayBeOld{500};
constexpr std::size_t kMaxEventsAtOnce = 256;
constexpr std::string_view kForever = "public, max-age=31536000, immutable";

// When what judges signers last changed: the trust file, the keys of this machine.
std::string trust_state(const Workspace& workspace) {
  std::string out;
  for (const std::filesystem::path& path :
       {workspace.root / "signalbox.yaml", workspace.root / "signalbox" / "trust.yaml", keys_directory()}) {
    std::error_code absent;
    out += fmt::format("{} ", std::filesystem::last_write_time(path, absent).time_since_epoch().count());
  }
  return out;
}

// Entries as they are served, to each audience as it may read them. An entry changes only where it is erased,
// so each is rendered once; all are rendered anew once trust changes or something was erased, and beyond the
// limit.
class EntryCache {
 public:
  // Nothing where it was not asked lately whether all is as it was: that may block.
  std::shared_ptr<const std::string> find_quickly(std::uint64_t index, Audience audience) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (now - looked_at_ > kMayBeOld) return nullptr;
    const auto found = rendered_.find({index, audience});
    return found == rendered_.end() ? nullptr : found->second;
  }
  std::shared_ptr<const std::string> find(std::uint64_t index, Audience audience, const std::string& state) {
    const std::lock_guard lock(mutex_);
    looked_at_ = std::chrono::steady_clock::now();
    if (state != state_) rendered_.clear();
    state_ = state;
    const auto found = rendered_.find({index, audience});
    return found == rendered_.end() ? nullptr : found->second;
  }
  void keep(std::uint64_t index, Audience audience, const std::string& state,
            std::shared_ptr<const std::string> body) {
    const std::lock_guard lock(mutex_);
    if (rendered_.size() >= kMaxCachedEntries) rendered_.clear();
    if (state == state_) rendered_[{index, audience}] = std::move(body);
  }

 private:
  std::mutex mutex_;
  std::string state_;
  std::chrono::steady_clock::time_point looked_at_{};
  std::map<std::pair<std::uint64_t, Audience>, std::shared_ptr<const std::string>> rendered_;
};

// How many statements of erasure the log holds.
Result<std::string> erasures(store::Database& database) {
  SIGNALBOX_TRY(const auto rows, database.query("select count(*) from evidence_type where type = ?",
                                                {std::string(ev::kErasureType)}));
  return std::to_string(rows[0].integer(0));
}

Result<ev::Ledger> open_ledger(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  return ev::Ledger::open_read_only(*database);
}

Result<std::uint64_t> number(std::string_view text, std::string_view what) {
  const auto value = parse_integer(text);
  if (!value || *value < 0) return fail(ErrorKind::bad_input, fmt::format("{}: not a number", what));
  return static_cast<std::uint64_t>(*value);
}

Result<std::uint64_t> query_number(const Request& request, std::string_view name, std::uint64_t fallback) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? Result<std::uint64_t>(fallback) : number(found->second, name);
}

Json hex_list(const std::vector<Sha256>& hashes) {
  Json out = Json::array();
  for (const Sha256& hash : hashes) out.push_back(to_hex(hash));
  return out;
}

Json summary_json(const ev::Entry& entry) {
  const auto record = parse_json(entry.record);
  const Json shown = record ? *record : Json();
  return Json::object({{"index", entry.index},
                       {"time", to_rfc3339(entry.time)},
                       {"type", shown["type"]},
                       {"subjects", shown["subjects"]},
                       {"keys", shown["keys"]},
                       {"leaf", to_hex(entry.leaf)},
                       {"erased", entry.envelope.empty()}});
}

Json signers_json(const ev::Envelope& envelope, const ev::Statement& statement, const ev::Trust& trust,
                  Time logged) {
  std::vector<std::string> names;
  for (const ev::Subject& subject : statement.subjects) names.push_back(subject.name);
  Json out = Json::array();
  for (const ev::Signer& signer : judge_signers(envelope, trust, logged, statement.predicate_type, names)) {
    Json roles = Json::array();
    for (const std::string& role : signer.roles) roles.push_back(role);
    out.push_back(Json::object({{"name", signer.key.name},
                                {"vkey", signer.key.vkey()},
                                {"roles", std::move(roles)},
                                {"valid", signer.valid},
                                {"why", signer.why}}));
  }
  return out;
}

// Who erased it, and the entry that says so; null where nothing says it.
Result<Json> erased_json(const ev::Ledger& ledger, const ev::Entry& entry) {
  SIGNALBOX_TRY(const std::optional<ev::Erased> erased, ev::erasure_of(ledger, entry));
  if (!erased) return Json();
  return Json::object({{"at", to_rfc3339(erased->time)},
                       {"approver", erased->order.approver},
                       {"requester", erased->order.requester},
                       {"reason", erased->order.reason},
                       {"legal_basis", erased->order.legal_basis},
                       {"statement", erased->statement}});
}

Result<Json> entry_json(const ev::Ledger& ledger, const ev::Entry& entry, const Workspace& workspace) {
  Json out = Json::object({{"index", entry.index},
                           {"time", to_rfc3339(entry.time)},
                           {"leaf", to_hex(entry.leaf)},
                           {"record", to_base64(entry.record)}});
  SIGNALBOX_TRY(Json record, parse_json(entry.record));
  out.set("record_json", std::move(record));
  out.set("salt", to_base64(entry.salt));
  out.set("envelope_octets", to_base64(entry.envelope));
  const auto envelope = ev::parse_envelope(entry.envelope);
  const auto raw = parse_json(entry.envelope);
  const auto statement =
      envelope ? ev::parse_statement(envelope->payload) : Result<ev::Statement>(fail(envelope.error()));
  out.set("envelope", raw ? *raw : Json());
  if (!statement) {
    out.set("statement", Json());
    out.set("signers", Json::array());
    if (entry.envelope.empty()) {
      SIGNALBOX_TRY(Json erased, erased_json(ledger, entry));
      out.set("erased", std::move(erased));
    }
    return out;
  }
  SIGNALBOX_TRY(Json payload, parse_json(envelope->payload));
  SIGNALBOX_TRY(const ev::Trust trust, workspace_trust(workspace));
  out.set("statement", std::move(payload));
  out.set("signers", signers_json(*envelope, *statement, trust, entry.time));
  return out;
}

Result<Response> status(const Services& services) {
  const auto ledger = open_ledger(services);
  if (!ledger || ledger->size() == 0) {
    return Response::json(Json::object({{"size", 0},
                                        {"origin", ""},
                                        {"vkey", ""},
                                        {"checkpoint", ""},
                                        {"root", to_hex(ev::empty_root())},
                                        {"time", nullptr}}));
  }
  SIGNALBOX_TRY(const std::string text, ledger->checkpoint());
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(text));
  SIGNALBOX_TRY(const ev::Checkpoint checkpoint, ev::parse_checkpoint(note.text));
  SIGNALBOX_TRY(const ev::PublicKey key, ledger->log_key());
  SIGNALBOX_TRY(const ev::Entry last, ledger->entry(checkpoint.size - 1));
  return Response::json(Json::object({{"size", checkpoint.size},
                                      {"origin", checkpoint.origin},
                                      {"vkey", key.vkey()},
                                      {"checkpoint", text},
                                      {"root", to_hex(checkpoint.root)},
                                      {"time", to_rfc3339(last.time)}}));
}

Result<Response> list(const Services& services, const Request& request) {
  auto ledger = open_ledger(services);
  if (!ledger) return Response::json(Json::object({{"size", 0}, {"entries", Json::array()}}));
  SIGNALBOX_TRY(std::uint64_t limit, query_number(request, "limit", kDefaultListed));
  limit = std::min<std::uint64_t>(limit, kMaxListed);
  SIGNALBOX_TRY(std::uint64_t before, query_number(request, "before", ledger->size()));
  before = std::min(before, ledger->size());
  ev::Query query;
  query.limit = limit;
  query.before = before;
  if (const auto type = request.query.find("type"); type != request.query.end())
    query.type = whole_type(type->second);
  if (const auto subject = request.query.find("subject"); subject != request.query.end()) {
    SIGNALBOX_TRY(query.subject, ev::subject_from_text(subject->second));
  }
  SIGNALBOX_TRY(const std::vector<ev::Entry> found, ledger->query(query));
  Json entries = Json::array();
  for (const ev::Entry& entry : found) entries.push_back(summary_json(entry));
  return Response::json(Json::object({{"size", ledger->size()}, {"entries", std::move(entries)}}));
}

Result<Response> entry(const Services& services, const Request& request, EntryCache& cache) {
  SIGNALBOX_TRY(const std::uint64_t index, number(request.parameters.find("index")->second, "index"));
  Response response;
  SIGNALBOX_TRY(const ev::Ledger ledger, open_ledger(services));
  SIGNALBOX_TRY(store::Database* const database, services.database());
  SIGNALBOX_TRY(const std::string erased, erasures(*database));
  const std::string state = trust_state(services.workspace) + erased;
  const Audience audience = audience_of(request);
  response.shared_body = cache.find(index, audience, state);
  if (!response.shared_body) {
    SIGNALBOX_TRY(const ev::Entry found, ledger.entry(index));
    SIGNALBOX_TRY(Json json, entry_json(ledger, found, services.workspace));
    response.shared_body = std::make_shared<const std::string>(as_told_to(audience, std::move(json)).dump());
    cache.keep(index, audience, state, response.shared_body);
  }
  return response;
}

std::optional<Response> entry_at_hand(const Request& request, EntryCache& cache) {
  const auto index = number(request.parameters.find("index")->second, "index");
  if (!index) return std::nullopt;
  Response response;
  response.shared_body = cache.find_quickly(*index, audience_of(request));
  if (!response.shared_body) return std::nullopt;
  return response;
}

Result<Response> proof(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const ev::Ledger ledger, open_ledger(services));
  SIGNALBOX_TRY(const std::uint64_t index, number(request.parameters.find("index")->second, "index"));
  SIGNALBOX_TRY(const std::string text, ledger.checkpoint());
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(text));
  SIGNALBOX_TRY(const ev::Checkpoint checkpoint, ev::parse_checkpoint(note.text));
  SIGNALBOX_TRY(const std::uint64_t size, query_number(request, "size", checkpoint.size));
  SIGNALBOX_TRY(const std::vector<Sha256> hashes, ledger.prove_inclusion(index, size));
  SIGNALBOX_TRY(const ev::Entry found, ledger.entry(index));
  Json out = Json::object({{"index", index},
                           {"size", size},
                           {"leaf", to_hex(found.leaf)},
                           {"proof", hex_list(hashes)},
                           {"checkpoint", text}});
  if (size == checkpoint.size) out.set("root", to_hex(checkpoint.root));
  return Response::json(out);
}

Result<Response> consistency(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const ev::Ledger ledger, open_ledger(services));
  SIGNALBOX_TRY(const std::uint64_t from, query_number(request, "from", 0));
  SIGNALBOX_TRY(const std::uint64_t to, query_number(request, "to", ledger.size()));
  SIGNALBOX_TRY(const std::vector<Sha256> hashes, ledger.prove_consistency(from, to));
  return Response::json(Json::object({{"from", from}, {"to", to}, {"proof", hex_list(hashes)}}));
}

Result<Response> subject(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const ev::Ledger ledger, open_ledger(services));
  ev::Query query;
  SIGNALBOX_TRY(query.subject, ev::subject_from_text(request.parameters.find("subject")->second));
  query.limit = kMaxListed;
  SIGNALBOX_TRY(const std::vector<ev::Entry> found, ledger.query(query));
  Json entries = Json::array();
  for (const ev::Entry& item : found) entries.push_back(summary_json(item));
  Json out = Json::object(
      {{"subject", subject_text(*query.subject)}, {"size", ledger.size()}, {"entries", std::move(entries)}});
  out.set("all", found.size() < kMaxListed);
  return Response::json(out);
}

// One DSSE envelope, logged as it came, or {"envelopes": […]}: each an object, logged in compact form, or the
// base64 of its octets, logged as they are. The payload stays as it was signed.
Result<std::vector<std::string>> envelopes_of(const std::string& body) {
  SIGNALBOX_TRY(const Json root, parse_json(body));
  if (root.find("envelopes") == nullptr) {
    SIGNALBOX_CHECK(ev::parse_envelope(body));
    return std::vector<std::string>{body};
  }
  std::vector<std::string> out;
  for (const Json& item : root["envelopes"].items()) {
    if (!item.is_string()) {
      out.push_back(item.dump());
      continue;
    }
    SIGNALBOX_TRY(std::string octets, from_base64(item.as_string()));
    out.push_back(std::move(octets));
  }
  if (out.empty()) return fail(ErrorKind::bad_input, "$.envelopes: there is none");
  return out;
}

Result<ev::Repeats> repeats_of(const Request& request) {
  const auto found = request.query.find("repeats");
  if (found == request.query.end() || found->second == "logged") return ev::Repeats::logged;
  if (found->second == "skipped") return ev::Repeats::skipped;
  return fail(ErrorKind::bad_input, "repeats: logged or skipped");
}

Result<Response> append(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const std::vector<std::string> envelopes, envelopes_of(request.body));
  if (!services.sequencer) {
    return fail(ErrorKind::denied, "this server takes no evidence: it does not hold the key of the log",
                "send it to the server that does");
  }
  SIGNALBOX_TRY(const ev::Repeats repeats, repeats_of(request));
  SIGNALBOX_TRY(const std::vector<ev::Receipt> receipts, services.sequencer->append(envelopes, {}, repeats));
  Json out = Json::array();
  for (const ev::Receipt& receipt : receipts) {
    out.push_back(Json::object({{"index", receipt.index},
                                {"leaf", to_hex(receipt.leaf)},
                                {"time", to_rfc3339(receipt.time)},
                                {"was_there", receipt.was_there}}));
  }
  return Response::json(Json::object({{"receipts", std::move(out)}}), 202);
}

Result<std::string> stream(const Services& services, const std::string& last_id, http::EventSink& sink) {
  const auto ledger = open_ledger(services);
  if (!ledger) return last_id;
  // A new reader starts at the end: what came before is a matter of the list.
  if (last_id.empty()) return ledger->size() == 0 ? std::string("-1") : std::to_string(ledger->size() - 1);
  const auto last = parse_integer(last_id);
  if (!last || *last < -1) return fail(ErrorKind::bad_input, "Last-Event-ID: not the index of an entry");
  std::uint64_t next = static_cast<std::uint64_t>(*last + 1);
  for (std::size_t sent = 0; next < ledger->size() && sent < kMaxEventsAtOnce; ++next, ++sent) {
    SIGNALBOX_TRY(const ev::Entry found, ledger->entry(next));
    if (!sink.send("entry", std::to_string(next), summary_json(found).dump())) break;
  }
  return std::to_string(static_cast<std::int64_t>(next) - 1);
}

Result<Response> checkpoint(const Services& services) {
  SIGNALBOX_TRY(const ev::Ledger ledger, open_ledger(services));
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers = {{"Cache-Control", "no-cache"}};
  SIGNALBOX_TRY(response.body, ledger.checkpoint());
  return response;
}

Result<Response> tile(const Services& services, const Request& request) {
  bool is_entries = false;
  SIGNALBOX_TRY(const ev::Tile wanted,
                ev::parse_tile_path("tile/" + request.parameters.find("rest")->second, is_entries));
  SIGNALBOX_TRY(const ev::Ledger ledger, open_ledger(services));
  Response response;
  response.content_type = "application/octet-stream";
  response.headers = {{"Cache-Control", std::string(kForever)}};
  SIGNALBOX_TRY(response.body, is_entries ? ledger.entry_bundle(wanted) : ledger.tile(wanted));
  return response;
}

http::Parameter path_parameter(std::string name, std::string description, std::string type) {
  return {std::move(name), http::Parameter::In::path, std::move(description), true, std::move(type)};
}

http::Route get(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                http::Handler handle) {
  http::Route route;
  route.path = std::move(path);
  route.summary = std::move(summary);
  route.parameters = std::move(parameters);
  route.handle = std::move(handle);
  return route;
}

}  // namespace

std::vector<http::Route> routes(std::shared_ptr<const Services> services) {
  const std::string api = "/api/v1/evidence";
  const auto cache = std::make_shared<EntryCache>();
  std::vector<http::Route> out;
  out.push_back(get(api + "/status", "Size, root and signed checkpoint of the log", {},
                    [services](const Request&) { return status(*services); }));
  out.push_back(get(
      api + "/entries", "Entries, newest first",
      {query_parameter("limit", "at most 500", "integer"),
       query_parameter("before", "entries below this index", "integer"),
       query_parameter("type", "predicate type", "string"), query_parameter("subject", "ALG:HEX", "string")},
      [services](const Request& request) { return list(*services, request); }));
  out.push_back(get(api + "/entries/{index}",
                    "One entry with its statement and signers; what passengers keep private is for operators",
                    {path_parameter("index", "its place in the log", "integer")},
                    [services, cache](const Request& request) { return entry(*services, request, *cache); }));
  out.back().at_hand = [cache](const Request& request) { return entry_at_hand(request, *cache); };
  out.push_back(get(api + "/proof/{index}", "Inclusion proof of an entry, leaf to root",
                    {path_parameter("index", "its place in the log", "integer"),
                     query_parameter("size", "tree size, by default the newest", "integer")},
                    [services](const Request& request) { return proof(*services, request); }));
  out.push_back(
      get(api + "/consistency", "Consistency proof between two sizes",
          {query_parameter("from", "old size", "integer"), query_parameter("to", "new size", "integer")},
          [services](const Request& request) { return consistency(*services, request); }));
  out.push_back(get(api + "/subjects/{subject}", "Everything about one digest",
                    {path_parameter("subject", "ALG:HEX", "string")},
                    [services](const Request& request) { return subject(*services, request); }));
  out.push_back(get("/evidence/checkpoint", "Signed checkpoint (C2SP tlog-checkpoint)", {},
                    [services](const Request&) { return checkpoint(*services); }));
  out.push_back(get("/evidence/tile/{rest*}", "Tiles of the log (C2SP tlog-tiles)",
                    {path_parameter("rest", "level and index", "string")},
                    [services](const Request& request) { return tile(*services, request); }));
  http::Route post =
      get(api + "/envelopes", "Append DSSE envelopes; answered once they are durable",
          {query_parameter("repeats", "skipped: what the log holds is not logged again", "string")},
          [services](const Request& request) { return append(*services, request); });
  post.method = http::Method::post;
  post.role = http::Role::operator_;
  out.push_back(std::move(post));
  out.push_back(check_route(services));
  out.push_back(timeline_route(services));
  http::Route events = get(api + "/stream", "New entries as server-sent events", {}, {});
  events.events = [services](const Request&, const std::string& last_id, http::EventSink& sink) {
    return stream(*services, last_id, sink);
  };
  out.push_back(std::move(events));
  for (http::Route& route : witness_routes(services)) out.push_back(std::move(route));
  for (http::Route& route : lab_routes(services)) out.push_back(std::move(route));
  return out;
}

}  // namespace signalbox::evidence_command
