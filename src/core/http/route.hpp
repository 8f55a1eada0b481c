// What an instrument gives the server: routes over plain requests and responses. Nothing here knows Beast or
// Asio.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::http {

enum class Method { get, head, post, put, patch, del, options };
enum class Role { none, viewer, operator_, approver, admin };  // each may do what the ones before it may

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
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const std::string>
      shared_body;  // instead of body: never copied (assets, immutable entries)

  static Response json(const Json& value, int status = 200);
  static Response problem(const Error& error);  // application/problem+json, RFC 9457
};

// Writes server-sent events until the client goes or the server stops.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual bool send(std::string_view event, std::string_view id,
                    std::string_view data) = 0;  // false: the client has gone
};

using Handler = std::function<Result<Response>(const Request&)>;
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
};

}  // namespace signalbox::http
