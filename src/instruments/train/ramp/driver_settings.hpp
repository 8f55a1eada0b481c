// How traffic is moved: `driver` and `hooks` of section `train`.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"

namespace signalbox::train::ramp {

// A program and its words, run without a shell.
using Words = std::vector<std::string>;

// Moves nothing: for services that take a release whole, and for rehearsals of the ramp itself.
struct NoopSettings {};

// The four calls as programs of the user.
struct CommandSettings {
  Words set_weight, observe, promote, revert;
};

struct WebhookSettings {
  std::string url;
  std::string token_env;  // variable that holds the bearer token; empty: none is sent
  std::string ca_file;    // PEM; empty: the system's authorities
};

// A file that nginx or HAProxy includes, with the servers of two pools and their weights.
struct WeightFileSettings {
  enum class Server { nginx, haproxy } server = Server::nginx;
  std::string file;  // absolute
  std::string upstream;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      pools;           // two; before any ramp the first is live
  std::string status;  // ADDRESS:PORT on loopback, where the server itself says which file it runs with
  Words check, reload;
};

// An Argo Rollout, moved through the API of Kubernetes.
struct KubernetesSettings {
  std::string api;  // https://…
  std::string ca_file;
  std::string token_file;
  std::string name_space;
  std::string rollout;
  std::string container;
  std::string image;  // {version} stands for the version without a leading v, {tag} for the tag
};

using DriverKind =
    std::variant<NoopSettings, CommandSettings, WebhookSettings, WeightFileSettings, KubernetesSettings>;

struct DriverSettings {
  DriverKind kind;
  Duration timeout = std::chrono::seconds(30);  // of one call
};

// What else is run along the ramp, all of it optional.
struct Hooks {
  Words baseline, announce, page;
  std::vector<Words> smoke;
  Duration timeout = std::chrono::seconds(30);
};

// Both from section `train`; bad_input with file:line:column.
Result<DriverSettings> parse_driver(const config::Node& train);
Result<Hooks> parse_hooks(const config::Node& train);
// A list of commands; absent: none.
Result<std::vector<Words>> parse_commands(const config::Node& list);

std::string_view name_of(const DriverSettings& settings);  // "nginx"

}  // namespace signalbox::train::ramp
