#include "core/http/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

constexpr std::string_view kSchemaPlace = "https://signalbox.dev/schemas/";

std::string_view name_of(Parameter::In in) {
  switch (in) {
    case Parameter::In::path:
      return "path";
    case Parameter::In::query:
      return "query";
    case Parameter::In::header:
      return "header";
  }
  return "query";
}

Json schema_reference(const std::string& schema) {
  if (schema.empty()) return Json::object();
  return Json::object({{"$ref", std::string(kSchemaPlace) + schema + ".json"}});
}

Json content(std::string_view media_type, Json schema) {
  return Json::object({{std::string(media_type), Json::object({{"schema", std::move(schema)}})}});
}

// "/tile/{rest*}" is "/tile/{rest}": OpenAPI has no word for the rest of a path.
std::string template_of(std::string_view path) {
  std::string out(path);
  if (out.ends_with("*}")) out.erase(out.size() - 2, 1);
  return out;
}

// "get_api_v1_evidence_entries_index" of GET /api/v1/evidence/entries/{index}.
std::string operation_id(const Route& route) {
  std::string out = to_lower(http::name_of(route.method));
  for (const char c : route.path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word) {
      out += c;
    } else if (out.back() != '_') {
      out += '_';
    }
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

// The instrument or command that a route belongs to: the segment after /api/v1, or the first one.
std::string tag_of(const Route& route) {
  std::string_view path = route.path;
  if (path.starts_with("/api/v1/")) path.remove_prefix(std::string_view("/api/v1").size());
  const auto segments = split(path, '/');
  return segments.size() > 1 && !segments[1].empty() ? std::string(segments[1]) : std::string("server");
}

Json parameters_of(const Route& route) {
  Json out = Json::array();
  for (const Parameter& parameter : route.parameters) {
    const bool required = parameter.required || parameter.in == Parameter::In::path;
    out.push_back(Json::object({{"name", parameter.name},
                                {"in", name_of(parameter.in)},
                                {"description", parameter.description},
                                {"required", required},
                                {"schema", Json::object({{"type", parameter.type}})}}));
  }
  if (route.events) {
    out.push_back(Json::object({{"name", "Last-Event-ID"},
                                {"in", "header"},
                                {"description", "the id after which to go on"},
                                {"required", false},
                                {"schema", Json::object({{"type", "string"}})}}));
  }
  return out;
}

Json answers_of(const Route& route) {
  Json good =
      Json::object({{"description", route.events ? "Events, until either side ends them" : "The answer"}});
  if (route.events) {
    good.set("content", content("text/event-stream", Json::object({{"type", "string"}})));
  } else if (!route.response_schema.empty() || route.path.starts_with("/api/")) {
    good.set("content", content("application/json", schema_reference(route.response_schema)));
  }
  return Json::object(
      {{"2XX", std::move(good)}, {"default", Json::object({{"$ref", "#/components/responses/problem"}})}});
}

Json security_of(const Route& route) {
  if (route.role == Role::none) return Json::array();
  return Json(
      Json::Array{Json::object({{"cookie", Json::array()}}), Json::object({{"token", Json::array()}})});
}

Json operation_of(const Route& route) {
  Json out = Json::object({{"operationId", operation_id(route)},
                           {"summary", route.summary},
                           {"tags", Json(Json::Array{Json(tag_of(route))})},
                           {"x-signalbox-role", name_of(route.role)},
                           {"parameters", parameters_of(route)}});
  if (!route.body_schema.empty() || route.method == Method::post || route.method == Method::put ||
      route.method == Method::patch) {
    out.set("requestBody",
            Json::object({{"content", content("application/json", schema_reference(route.body_schema))}}));
  }
  out.set("responses", answers_of(route));
  out.set("security", security_of(route));
  return out;
}

Json problem_schema() {
  const auto typed = [](std::string_view type) { return Json::object({{"type", type}}); };
  return Json::object({{"type", "object"},
                       {"description", "RFC 9457"},
                       {"required", Json(Json::Array{"type", "title", "status", "detail"})},
                       {"properties", Json::object({{"type", typed("string")},
                                                    {"title", typed("string")},
                                                    {"status", typed("integer")},
                                                    {"detail", typed("string")},
                                                    {"hint", typed("string")},
                                                    {"request_id", typed("string")}})}});
}

Json components() {
  const Json problem =
      Json::object({{"description", "What went wrong, and what to do"},
                    {"content", content("application/problem+json",
                                        Json::object({{"$ref", "#/components/schemas/problem"}}))}});
  const Json cookie = Json::object({{"type", "apiKey"},
                                    {"in", "cookie"},
                                    {"name", "signalbox-PORT"},
                                    {"description", "Set by the one-time link that signalbox serve prints"}});
  const Json token = Json::object({{"type", "http"}, {"scheme", "bearer"}});
  return Json::object({{"schemas", Json::object({{"problem", problem_schema()}})},
                       {"responses", Json::object({{"problem", problem}})},
                       {"securitySchemes", Json::object({{"cookie", cookie}, {"token", token}})}});
}

}  // namespace

Json openapi(const std::vector<Route>& routes, std::string_view version) {
  std::map<std::string, Json> paths;
  std::set<std::string> tags;
  for (const Route& route : routes) {
    if (route.summary.empty()) continue;
    Json& path = paths.try_emplace(template_of(route.path), Json::object()).first->second;
    path.set(to_lower(http::name_of(route.method)), operation_of(route));
    tags.insert(tag_of(route));
  }
  Json drawn_paths = Json::object();
  for (auto& [path, operations] : paths) drawn_paths.set(path, std::move(operations));
  Json drawn_tags = Json::array();
  for (const std::string& tag : tags) drawn_tags.push_back(Json::object({{"name", tag}}));
  return Json::object(
      {{"openapi", "3.1.0"},
       {"info", Json::object({{"title", "Signalbox"},
                              {"version", version},
                              {"summary", "Evidence, instruments and the departure decision"}})},
       {"jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema"},
       {"servers", Json(Json::Array{Json::object({{"url", "/"}})})},
       {"paths", std::move(drawn_paths)},
       {"components", components()},
       {"tags", std::move(drawn_tags)}});
}

}  // namespace signalbox::http
