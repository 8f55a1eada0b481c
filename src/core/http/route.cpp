#include "core/http/route.hpp"

namespace signalbox::http {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

Response Response::json(const Json& value, int status) {
  Response response;
  response.status = status;
  response.body = value.dump();
  return response;
}

Response Response::problem(const Error& error) {
  const int status = http_status(error.kind);
  Json body = Json::object(
      {{"type", "about:blank"}, {"title", title_of(status)}, {"status", status}, {"detail", error.message}});
  if (!error.hint.empty()) body.set("hint", error.hint);
  Response response = json(body, status);
  response.content_type = "application/problem+json";
  return response;
}

}  // namespace signalbox::http
