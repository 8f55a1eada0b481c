#include "instruments/train/ramp/driver_settings.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

using config::Node;

constexpr std::size_t kMaxWords = 64;
constexpr std::size_t kMaxWordBytes = 4096;
constexpr std::size_t kMaxCommands = 20;
constexpr std::size_t kMaxServers = 64;  // of a pool
constexpr Duration kMinTimeout = std::chrono::seconds(1);
constexpr Duration kMaxTimeout = std::chrono::minutes(10);

// A name that needs no quoting in a configuration of nginx, HAProxy or a path of Kubernetes.
bool is_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), plain);
}

// HOST:PORT, where HOST is a name, an IPv4 address, or an IPv6 address in brackets.
bool is_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65'535) return false;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  return is_name(host);
}

bool is_loopback(std::string_view endpoint) {
  return endpoint.starts_with("127.") || endpoint.starts_with("[::1]:") || endpoint.starts_with("localhost:");
}

Result<Words> parse_words(const Node& node) {
  if (!node.is_list())
    return node.wrong("a program and its words are expected here, as a list", "[./deploy.sh, --fast]");
  SIGNALBOX_TRY(Words words, node.texts());
  if (words.empty() || words.front().empty()) return node.wrong("a command without a program");
  if (words.size() > kMaxWords) return node.wrong(fmt::format("a command has at most {} words", kMaxWords));
  for (const std::string& word : words) {
    if (word.size() > kMaxWordBytes || word.find('\0') != std::string::npos)
      return node.wrong(fmt::format("a word is at most {} octets, none of them NUL", kMaxWordBytes));
  }
  return words;
}

Status read_words(const Node& map, const char* key, Words& out) {
  if (!map[key].exists()) return {};
  SIGNALBOX_TRY(out, parse_words(map[key]));
  return {};
}

Status need_words(const Node& map, const char* key, Words& out, const char* why) {
  if (!map[key].exists()) return map[key].wrong(fmt::format("`{}` is missing: {}", key, why));
  return read_words(map, key, out);
}

Status read_timeout(const Node& map, Duration& out) {
  const Node node = map["timeout"];
  if (!node.exists()) return {};
  SIGNALBOX_TRY(out, node.duration());
  if (out < kMinTimeout || out > kMaxTimeout)
    return node.wrong(
        fmt::format("a time limit lies between {} and {}", to_text(kMinTimeout), to_text(kMaxTimeout)));
  return {};
}

Status read_text(const Node& map, const char* key, std::string& out) {
  if (!map[key].exists()) return {};
  SIGNALBOX_TRY(out, map[key].text());
  return {};
}

Status need_name(const Node& map, const char* key, std::string& out) {
  SIGNALBOX_TRY(out, map[key].text());
  if (!is_name(out)) return map[key].wrong("a name of letters, digits, '-', '_' and '.' is expected here");
  return {};
}

Status need_url(const Node& map, const char* key, std::string& out) {
  SIGNALBOX_TRY(out, map[key].text());
  if (!out.starts_with("http://") && !out.starts_with("https://"))
    return map[key].wrong("an http or https address is expected here");
  return {};
}

Result<CommandSettings> parse_command(const Node& train) {
  CommandSettings out;
  const Node hooks = train["hooks"];
  if (!hooks.is_map()) {
    return train["driver"].wrong("the driver `command` runs what `hooks` names, and there is no `hooks`",
                                 "hooks: {set_weight: […], observe: […], promote: […], revert: […]}");
  }
  SIGNALBOX_CHECK(need_words(hooks, "set_weight", out.set_weight, "it moves the traffic"));
  SIGNALBOX_CHECK(need_words(hooks, "observe", out.observe, "after a crash it tells what is true"));
  SIGNALBOX_CHECK(need_words(hooks, "promote", out.promote, "it gives the candidate all traffic"));
  SIGNALBOX_CHECK(need_words(hooks, "revert", out.revert, "it takes the traffic back"));
  return out;
}

Result<WebhookSettings> parse_webhook(const Node& node) {
  SIGNALBOX_CHECK(node.only({"kind", "timeout", "url", "token_env", "ca_file"}));
  WebhookSettings out;
  SIGNALBOX_CHECK(need_url(node, "url", out.url));
  SIGNALBOX_CHECK(read_text(node, "token_env", out.token_env));
  SIGNALBOX_CHECK(read_text(node, "ca_file", out.ca_file));
  return out;
}

Status parse_pools(const Node& pools, WeightFileSettings& out) {
  if (!pools.is_map() || pools.members().size() != 2) {
    return pools.wrong("two pools of servers are expected here",
                       "pools: {blue: [\"127.0.0.1:9001\"], green: [\"127.0.0.1:9002\"]}");
  }
  for (const auto& [name, servers] : pools.members()) {
    if (!is_name(name)) return servers.wrong("a pool's name is letters, digits, '-', '_' and '.'");
    SIGNALBOX_TRY(std::vector<std::string> list, servers.texts());
    if (list.empty() || list.size() > kMaxServers)
      return servers.wrong(fmt::format("a pool has 1 to {} servers", kMaxServers));
    for (const std::string& server : list) {
      if (!is_endpoint(server)) return servers.wrong(fmt::format("`{}` is not HOST:PORT", printable(server)));
    }
    out.pools.emplace_back(name, std::move(list));
  }
  return {};
}

Result<WeightFileSettings> parse_weight_file(const Node& node, WeightFileSettings::Server server) {
  SIGNALBOX_CHECK(node.only({"kind", "timeout", "file", "upstream", "pools", "status", "check", "reload"}));
  WeightFileSettings out;
  out.server = server;
  SIGNALBOX_TRY(out.file, node["file"].text());
  if (!out.file.starts_with('/')) return node["file"].wrong("an absolute path is expected here");
  SIGNALBOX_CHECK(need_name(node, "upstream", out.upstream));
  SIGNALBOX_CHECK(parse_pools(node["pools"], out));
  SIGNALBOX_TRY(out.status, node["status"].text());
  if (!is_endpoint(out.status) || !is_loopback(out.status))
    return node["status"].wrong("an address on loopback is expected here", "status: 127.0.0.1:9191");
  const bool nginx = server == WeightFileSettings::Server::nginx;
  if (nginx) {
    out.check = {"nginx", "-t", "-q"};
    out.reload = {"nginx", "-s", "reload"};
  } else if (!node["check"].exists() || !node["reload"].exists()) {
    return node.wrong("HAProxy needs `check` and `reload`",
                      "check: [haproxy, -c, -f, /etc/haproxy], reload: [systemctl, reload, haproxy]");
  }
  SIGNALBOX_CHECK(read_words(node, "check", out.check));
  SIGNALBOX_CHECK(read_words(node, "reload", out.reload));
  return out;
}

Result<KubernetesSettings> parse_kubernetes(const Node& node) {
  SIGNALBOX_CHECK(node.only(
      {"kind", "timeout", "api", "ca_file", "token_file", "namespace", "rollout", "container", "image"}));
  KubernetesSettings out;
  SIGNALBOX_CHECK(need_url(node, "api", out.api));
  SIGNALBOX_CHECK(read_text(node, "ca_file", out.ca_file));
  SIGNALBOX_CHECK(read_text(node, "token_file", out.token_file));
  SIGNALBOX_CHECK(need_name(node, "namespace", out.name_space));
  SIGNALBOX_CHECK(need_name(node, "rollout", out.rollout));
  SIGNALBOX_CHECK(need_name(node, "container", out.container));
  SIGNALBOX_TRY(out.image, node["image"].text());
  if (out.image.find("{version}") == std::string::npos && out.image.find("{tag}") == std::string::npos)
    return node["image"].wrong("the image names no {version} or {tag}",
                               "image: registry.example/shop:{version}");
  return out;
}

Result<DriverKind> parse_kind(const Node& train, const Node& driver, const std::string& name) {
  const bool is_map = driver.is_map();
  if (name == "noop" || name == "command") {
    if (is_map) {
      SIGNALBOX_CHECK(driver.only({"kind", "timeout"}));
    }
    if (name == "noop") return DriverKind(NoopSettings{});
    SIGNALBOX_TRY(CommandSettings command, parse_command(train));
    return DriverKind(std::move(command));
  }
  const std::vector<std::string> kinds = {"noop", "command", "webhook", "nginx", "haproxy", "kubernetes"};
  if (std::find(kinds.begin(), kinds.end(), name) == kinds.end()) {
    return (is_map ? driver["kind"] : driver)
        .wrong(fmt::format("there is no driver `{}`", printable(name)),
               "one of noop, command, webhook, nginx, haproxy, kubernetes");
  }
  if (!is_map)
    return driver.wrong(fmt::format("the driver {} needs settings", name), "driver: {kind: " + name + ", …}");
  if (name == "webhook") return parse_webhook(driver);
  if (name == "kubernetes") return parse_kubernetes(driver);
  return parse_weight_file(
      driver, name == "nginx" ? WeightFileSettings::Server::nginx : WeightFileSettings::Server::haproxy);
}

}  // namespace

Result<DriverSettings> parse_driver(const Node& train) {
  DriverSettings out;
  const Node driver = train["driver"];
  if (!driver.exists()) return out;
  SIGNALBOX_TRY(const std::string name, (driver.is_map() ? driver["kind"] : driver).text());
  SIGNALBOX_TRY(out.kind, parse_kind(train, driver, name));
  const bool has_own = driver.is_map() && driver["timeout"].exists();
  SIGNALBOX_CHECK(read_timeout(has_own ? driver : train["hooks"], out.timeout));
  return out;
}

Result<Hooks> parse_hooks(const Node& train) {
  Hooks out;
  const Node hooks = train["hooks"];
  if (!hooks.exists()) return out;
  if (!hooks.is_map())
    return hooks.wrong("a map of hooks is expected here", "hooks: {smoke: [[./smoke.sh]]}");
  SIGNALBOX_CHECK(hooks.only(
      {"set_weight", "observe", "promote", "revert", "baseline", "announce", "page", "smoke", "timeout"}));
  SIGNALBOX_CHECK(read_words(hooks, "baseline", out.baseline));
  SIGNALBOX_CHECK(read_words(hooks, "announce", out.announce));
  SIGNALBOX_CHECK(read_words(hooks, "page", out.page));
  SIGNALBOX_CHECK(read_timeout(hooks, out.timeout));
  SIGNALBOX_TRY(out.smoke, parse_commands(hooks["smoke"]));
  return out;
}

Result<std::vector<Words>> parse_commands(const Node& list) {
  std::vector<Words> out;
  if (!list.exists()) return out;
  if (!list.is_list() || list.items().size() > kMaxCommands) {
    return list.wrong(fmt::format("a list of at most {} commands is expected here", kMaxCommands),
                      "[[./smoke.sh]]");
  }
  for (const Node& node : list.items()) {
    SIGNALBOX_TRY(Words words, parse_words(node));
    out.push_back(std::move(words));
  }
  return out;
}

std::string_view name_of(const DriverSettings& settings) {
  constexpr std::string_view names[] = {"noop", "command", "webhook", "nginx", "kubernetes"};
  if (const auto* file = std::get_if<WeightFileSettings>(&settings.kind);
      file != nullptr && file->server == WeightFileSettings::Server::haproxy)
    return "haproxy";
  return names[settings.kind.index()];
}

}  // namespace signalbox::train::ramp
