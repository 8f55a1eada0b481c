#include "core/http/route.hpp"

#include "core/base/text.hpp"

namespace signalbox::http {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
  }
  return "GET";
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::none:
      return "none";
    case Role::viewer:
      return "viewer";
    case Role::operator_:
      return "operator";
    case Role::approver:
      return "approver";
    case Role::admin:
      return "admin";
  }
  return "none";
}

std::optional<Role> role_from(std::string_view name) {
  for (const Role role : {Role::viewer, Role::operator_, Role::approver, Role::admin}) {
    if (name_of(role) == name) return role;
  }
  return std::nullopt;
}

std::string_view reason_phrase(int status) {
  struct Phrase {
    int status;
    std::string_view text;
  };
  static constexpr Phrase kPhrases[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Unknown";
}

std::string_view Response::content() const {
  if (!static_body.empty()) return static_body;
  return shared_body ? std::string_view(*shared_body) : std::string_view(body);
}

const std::string* Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && starts_with_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

Response Response::json(const Json& value, int status) {
  Response response;
  response.status = status;
  response.body = value.dump();
  return response;
}

Response Response::problem(int status, const Error& error) {
  Json body = Json::object({{"type", "about:blank"},
                            {"title", reason_phrase(status)},
                            {"status", status},
                            {"detail", error.message}});
  if (!error.hint.empty()) body.set("hint", error.hint);
  Response response = json(body, status);
  response.content_type = "application/problem+json";
  return response;
}

Response Response::problem(const Error& error) {
  return problem(http_status(error.kind), error);
}

}  // namespace signalbox::http
