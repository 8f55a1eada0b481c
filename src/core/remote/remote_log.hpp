// Evidence kept by a Signalbox server: `--store https://HOST[:PORT]`, for machines that live for a minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/evidence/recorder.hpp"

namespace signalbox::remote {

// Whether --store names a server and not a database.
bool is_server(std::string_view store);

// Where to send, and as whom.
struct Server {
  std::string origin;   // "https://box.example:8443"
  std::string token;    // bearer token
  std::string ca_file;  // PEM; empty: the system's authorities
};

// From --store and the environment: the token is SIGNALBOX_TOKEN, or the first line of the file that
// SIGNALBOX_TOKEN_FILE names; SIGNALBOX_CA_FILE names authorities to trust instead of the system's. No token:
// denied. http:// other than to this machine itself: bad_input, because the token would be read on the way.
Result<Server> server_from(std::string_view store);

// Appends by POST /api/v1/evidence/envelopes. Each request is all or nothing; more than fit into one are sent
// in several. Refused token or role: denied; too large: bad_input; nobody there, bad certificate, connection
// lost (then it is unknown whether it was kept): unavailable.
std::unique_ptr<evidence::RemoteLog> remote_log(Server server);

// How much of an answer is read, and how long a server is waited for: 30 s a request, and in all until then.
struct Patience {
  std::size_t max_bytes = std::size_t{4} << 20;
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};
// What the server answers to a reader of `path`, which begins with '/': octets, or the JSON that they are.
// not_found where it answers 404 or 410; unavailable where it is no JSON, is longer, or comes too late; else
// as `remote_log`.
Result<std::string> get_octets(const Server& server, const std::string& path, const Patience& patience = {});
Result<Json> get_json(const Server& server, const std::string& path, const Patience& patience = {});

// How far the witnesses of a server's log have come.
struct WitnessedState {
  std::uint64_t size = 0;  // of the newest checkpoint that a quorum cosigned
  int quorum = 0;          // 0: it asks no witnesses
};
Result<WitnessedState> witnessed_state(const Server& server);

// The book that --store names, to record in: here, or on a server.
Result<evidence::EvidenceBook> open_book(const Workspace& workspace, const Clock& clock,
                                         const std::string& store);

}  // namespace signalbox::remote
