#include "commands/serve/routes.hpp"

#include <fmt/format.h>

#include "commands/evidence/commands.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/console/asset_table.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::serve {
namespace {

using http::Request;
using http::Response;

// What the console may do in a browser: run its own scripts and ask this server; nothing else.
constexpr std::string_view kConsolePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types svelte-trusted-html default";

http::Route get(std::string path, std::string summary, http::Role role, http::Handler handle) {
  http::Route out;
  out.path = std::move(path);
  out.summary = std::move(summary);
  out.role = role;
  out.handle = std::move(handle);
  return out;
}

Response plain_text(std::string body, int status = 200) {
  Response out;
  out.status = status;
  out.content_type = "text/plain; charset=utf-8";
  out.headers = {{"Cache-Control", "no-store"}};
  out.body = std::move(body);
  return out;
}

Response answer_of(const console::Asset& asset) {
  Response out;
  out.content_type = asset.media_type;
  out.static_body = asset.octets;
  out.headers = {{"Content-Security-Policy", std::string(kConsolePolicy)},
                 {"Cross-Origin-Opener-Policy", "same-origin"},
                 {"Vary", "Accept-Encoding"},
                 {"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (!asset.encoding.empty()) out.headers.emplace_back("Content-Encoding", std::string(asset.encoding));
  if (!asset.immutable)
    out.headers.emplace_back("ETag", "\"" + to_hex(sha256(asset.octets)).substr(0, 16) + "\"");
  return out;
}

http::Route asset_route(const std::string& path, const console::Asset& asset) {
  const auto answer = std::make_shared<const Response>(answer_of(asset));
  http::Route out = get(path, "", http::Role::none, [answer](const Request&) { return *answer; });
  out.at_hand = [answer](const Request&) { return std::optional<Response>(*answer); };
  return out;
}

// id, time and subject of HEAD; null outside git and before the first commit.
Json head_commit(const Workspace& workspace) {
  if (!workspace.git_directory) return {};
  const auto shown =
      git::run_git(workspace.root, {"log", "-1", "--no-show-signature", "--format=%H%n%h%n%ct%n%s"});
  if (!shown || shown->exit_code != 0) return {};
  const std::vector<std::string_view> fields = split(trim(shown->output), '\n');
  constexpr std::size_t kFields = 3;
  if (fields.size() < kFields) return {};
  const auto seconds = parse_integer(fields[2]);
  return Json::object({{"id", fields[0]},
                       {"short", fields[1]},
                       {"subject", escape_invalid_utf8(fields.size() > kFields ? fields[3] : "")},
                       {"time", to_rfc3339(Time(std::chrono::seconds(seconds.value_or(0))))}});
}

Result<Response> workspace_answer(const Services& services, const Request& request) {
  const Workspace& workspace = services.workspace;
  SIGNALBOX_TRY(const evidence::Trust trust, evidence_command::workspace_trust(workspace));
  return Response::json(Json::object(
      {{"name", workspace.name},
       {"root", workspace.root.string()},
       {"version", version()},
       {"commit", head_commit(workspace)},
       {"self_trusted", trust.self_trusted},
       {"allow_run", services.allow_run},
       {"writable", services.sequencer != nullptr},
       {"principal",
        Json::object({{"name", request.principal.name}, {"role", name_of(request.principal.role)}})}}));
}

}  // namespace

std::vector<http::Route> console_routes() {
  std::vector<http::Route> out;
  bool has_index = false;
  for (const console::NamedAsset& named : console::asset_table()) {
    out.push_back(asset_route(std::string(named.path), named.asset));
    has_index = has_index || named.path == "/";
  }
  const console::Asset* const index = console::find_asset("/");
  if (!has_index && index != nullptr) out.push_back(asset_route("/", *index));
  if (index == nullptr) {
    out.push_back(get("/", "", http::Role::none, [](const Request&) -> Result<Response> {
      return plain_text(
          "Signalbox was built without its console. The API is described in /api/openapi.json.\n");
    }));
  }
  return out;
}

std::vector<http::Route> health_routes(std::shared_ptr<const Services> services) {
  std::vector<http::Route> out;
  out.push_back(get("/healthz", "The process answers", http::Role::none,
                    [](const Request&) -> Result<Response> { return plain_text("ok\n"); }));
  out.back().at_hand = [](const Request&) { return std::optional<Response>(plain_text("ok\n")); };
  out.push_back(get("/readyz", "The store answers too", http::Role::none,
                    [services](const Request&) -> Result<Response> {
                      SIGNALBOX_TRY(store::Database* const database, services->database());
                      SIGNALBOX_CHECK(database->query("select count(*) from serve_token"));
                      return plain_text("ready\n");
                    }));
  return out;
}

http::Route workspace_route(std::shared_ptr<const Services> services) {
  return get("/api/v1/workspace", "Which workspace this is, and who asks", http::Role::viewer,
             [services](const Request& request) { return workspace_answer(*services, request); });
}

http::Route metrics_route(std::shared_ptr<const Metrics> metrics,
                          const std::function<std::vector<Gauge>()>& more,
                          const std::function<std::string()>& of_instruments) {
  return get("/metrics", "What the server counts, in Prometheus' text format", http::Role::viewer,
             [metrics, more, of_instruments](const Request&) -> Result<Response> {
               Response out = plain_text(metrics->render(more()) + of_instruments());
               out.content_type = "text/plain; version=0.0.4; charset=utf-8";
               return out;
             });
}

void guard_commands(std::vector<http::Route>& routes, bool allow_run) {
  if (allow_run) return;
  for (http::Route& route : routes) {
    if (!route.runs_commands) continue;
    route.at_hand = nullptr;
    route.events = nullptr;
    route.handle = [](const Request&) -> Result<Response> {
      return fail(ErrorKind::denied, "this server starts no commands", "start it with --allow-run");
    };
  }
}

void guard_streams(std::vector<http::Route>& routes, std::shared_ptr<http::Authenticator> authenticator) {
  for (http::Route& route : routes) {
    if (!route.events) continue;
    route.events = [authenticator, role = route.role, inner = std::move(route.events)](
                       const Request& request, const std::string& last_id,
                       http::EventSink& sink) -> Result<std::string> {
      SIGNALBOX_TRY(const http::Principal principal, authenticator->authenticate(request));
      if (principal.role < role) return fail(ErrorKind::denied, "the session is over");
      return inner(request, last_id, sink);
    };
  }
}

}  // namespace signalbox::serve
