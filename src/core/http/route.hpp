// What an instrument gives the server: routes over plain requests and responses. Nothing here knows Beast or
// Asio.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::http {

enum class Method { get, head, post, put, patch, del, options };
std::string_view name_of(Method method);     // "GET", "DELETE"
std::string_view reason_phrase(int status);  // "Not Found" (RFC 9110, 6585); "Unknown" where it has none

enum class Role { none, viewer, operator_, approver, admin };  // each may do what the ones before it may
std::string_view name_of(Role role);                           // "operator"
std::optional<Role> role_from(std::string_view name);          // nothing for "none" and what is no role

struct Principal {
  std::string name;  // of the token, or "local" for the one-time link
  Role role = Role::none;
};

struct Request {
  Method method = Method::get;
  std::string path;                                            // decoded, no query
  std::map<std::string, std::string, std::less<>> query;       // decoded; the last of several wins
  std::map<std::string, std::string, std::less<>> headers;     // names in lower case
  std::map<std::string, std::string, std::less<>> parameters;  // of the route: {index}
  std::string body;
  Principal principal;
  std::string id;  // given by the server: in problem answers, for the audit trail
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // instead of body: never copied (immutable entries)
  std::string_view static_body;                    // instead of both: lasts as long as the program (assets)

  std::string_view content() const;                        // the one of the three that is there
  const std::string* header(std::string_view name) const;  // without regard to case; nullptr where it is not

  static Response json(const Json& value, int status = 200);
  static Response problem(const Error& error);              // application/problem+json, RFC 9457
  static Response problem(int status, const Error& error);  // where the status says more than the kind
};

// Writes server-sent events until the client goes or the server stops.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual bool send(std::string_view event, std::string_view id,
                    std::string_view data) = 0;  // false: the client has gone
};

// Runs on a worker thread and may block.
using Handler = std::function<Result<Response>(const Request&)>;
// Runs on the server's own thread and must never block: an answer that is at hand (a constant, a cache), or
// nullopt to have `handle` asked.
using AtHand = std::function<std::optional<Response>(const Request&)>;
// Called about each second on a worker thread; sends what is new since `last_id` and returns the new last id.
using EventSource =
    std::function<Result<std::string>(const Request&, const std::string& last_id, EventSink&)>;

// A parameter or body described for OpenAPI 3.1.
struct Parameter {
  std::string name;
  enum class In { path, query, header } in = In::query;
  std::string description;
  bool required = false;
  std::string type = "string";  // string, integer, boolean
};

struct Route {
  Method method = Method::get;
  std::string path;     // "/api/v1/evidence/entries/{index}"; a last segment "{rest*}" takes all that follows
  std::string summary;  // for OpenAPI
  Role role = Role::viewer;
  std::vector<Parameter> parameters;
  std::string body_schema;  // name of a schema in docs/schemas, empty: no body
  std::string response_schema;
  Handler handle;  // or
  EventSource events;
  AtHand at_hand;              // besides handle: asked first
  bool runs_commands = false;  // it starts a program, ends a session or profiles a process: needs --allow-run
};

}  // namespace signalbox::http
