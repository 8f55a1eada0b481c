#include "instruments/train/ramp/drivers/weight_file.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::string_view kFirstWords = "# signalbox weights ";
constexpr std::size_t kMaxLabelBytes = 256;
constexpr std::array<std::string_view, 4> kActions = {"none", "set_weight", "promote", "revert"};

Result<WeightFile::Action> action_from(std::string_view name) {
  for (std::size_t i = 0; i < kActions.size(); ++i) {
    if (kActions[i] == name) return static_cast<WeightFile::Action>(i);
  }
  return fail(ErrorKind::bad_input, "an action that there is not");
}

Json header_of(const WeightFile& file) {
  return Json::object({{"v", 1},
                       {"train", file.train},
                       {"attempt", file.attempt},
                       {"step", file.step},
                       {"token", file.token},
                       {"action", kActions[static_cast<std::size_t>(file.action)]},
                       {"live", file.live},
                       {"weight", file.weight},
                       {"versions", Json::Array{file.versions[0], file.versions[1]}}});
}

// Labels end in a comment of a configuration: no line break may end it.
bool is_label(std::string_view text) {
  return text.size() <= kMaxLabelBytes && text.find_first_of("\r\n") == std::string_view::npos;
}

// Parts of 100 for each server of a pool: the pool's weight spread over its servers. Weights are relative,
// so each pool's share is multiplied by the size of the other.
int server_weight(const WeightFileSettings& settings, std::size_t pool, int percent) {
  const std::size_t other = settings.pools[1 - pool].second.size();
  return percent * static_cast<int>(other);
}

int percent_of(const WeightFile& file, std::size_t pool) {
  return static_cast<int>(pool) == file.live ? 100 - file.weight : file.weight;
}

std::string nginx_text(const WeightFile& file, const WeightFileSettings& settings) {
  std::string out = fmt::format("upstream {} {{\n", settings.upstream);
  for (std::size_t pool = 0; pool < 2; ++pool) {
    const int percent = percent_of(file, pool);
    for (const std::string& server : settings.pools[pool].second) {
      if (percent == 0)
        out += fmt::format("    server {} down;  # {}\n", server, settings.pools[pool].first);
      else
        out += fmt::format("    server {} weight={};  # {}\n", server, server_weight(settings, pool, percent),
                           settings.pools[pool].first);
    }
  }
  out += "}\n";
  out += fmt::format(
      "server {{\n    listen {};\n    access_log off;\n    keepalive_timeout 0;\n"
      "    location / {{ default_type text/plain; return 200 \"{}\"; }}\n}}\n",
      settings.status, mark_of(file));
  return out;
}

std::string haproxy_text(const WeightFile& file, const WeightFileSettings& settings) {
  constexpr int kMaxServerWeight = 256;
  std::string out = fmt::format("backend {}\n    balance roundrobin\n", settings.upstream);
  for (std::size_t pool = 0; pool < 2; ++pool) {
    const std::vector<std::string>& servers = settings.pools[pool].second;
    const int weight = server_weight(settings, pool, percent_of(file, pool));
    // HAProxy's weights end at 256: both pools are scaled alike.
    const int largest =
        100 * static_cast<int>(std::max(settings.pools[0].second.size(), settings.pools[1].second.size()));
    const int scaled = largest <= kMaxServerWeight || weight == 0
                           ? weight
                           : std::max(1, weight * kMaxServerWeight / largest);
    for (std::size_t i = 0; i < servers.size(); ++i)
      out += fmt::format("    server {}-{} {} weight {}\n", settings.pools[pool].first, i + 1, servers[i],
                         scaled);
  }
  out += fmt::format(
      "frontend signalbox_status_{}\n    mode http\n    timeout client 5s\n    bind {}\n"
      "    http-request return status 200 content-type text/plain string \"{}\"\n",
      settings.upstream, settings.status, mark_of(file));
  return out;
}

Result<std::string> label(const Json& header, const char* key) {
  const Json* const value = header.find(key);
  if (value == nullptr || !value->is_string() || !is_label(value->as_string()))
    return fail(ErrorKind::bad_input, fmt::format("no `{}`", key));
  return std::string(value->as_string());
}

Result<std::int64_t> number(const Json& header, const char* key, std::int64_t max) {
  const Json* const value = header.find(key);
  if (value == nullptr || !value->is_integer() || value->as_integer() < 0 || value->as_integer() > max)
    return fail(ErrorKind::bad_input, fmt::format("`{}` is no number from 0 to {}", key, max));
  return value->as_integer();
}

Result<WeightFile> read_header(std::string_view text) {
  SIGNALBOX_TRY(const Json header, parse_json(text));
  constexpr std::int64_t kMaxToken = std::int64_t{1} << 53;
  WeightFile out;
  SIGNALBOX_TRY(out.train, label(header, "train"));
  SIGNALBOX_TRY(out.attempt, label(header, "attempt"));
  SIGNALBOX_TRY(out.step, label(header, "step"));
  SIGNALBOX_TRY(const std::int64_t token, number(header, "token", kMaxToken));
  SIGNALBOX_TRY(const std::int64_t live, number(header, "live", 1));
  SIGNALBOX_TRY(const std::int64_t weight, number(header, "weight", 99));
  SIGNALBOX_TRY(out.action, action_from(header["action"].as_string()));
  const Json::Array& versions = header["versions"].items();
  if (versions.size() != 2 || !is_label(versions[0].as_string()) || !is_label(versions[1].as_string()))
    return fail(ErrorKind::bad_input, "no `versions` of two pools");
  out.token = static_cast<std::uint64_t>(token);
  out.live = static_cast<int>(live);
  out.weight = static_cast<int>(weight);
  out.versions = {std::string(versions[0].as_string()), std::string(versions[1].as_string())};
  return out;
}

// The pool that runs a version, the live one first.
std::optional<int> pool_with(const WeightFile& file, const std::string& version) {
  if (version.empty()) return std::nullopt;
  for (const int pool : {file.live, 1 - file.live}) {
    if (file.versions[static_cast<std::size_t>(pool)] == version) return pool;
  }
  return std::nullopt;
}

bool is_same_attempt(const WeightFile& file, const StepOrder& order) {
  return file.attempt == order.attempt && file.train == order.train;
}

// The pool that all traffic shall go back to: an attempt leaves the one that was live before it, what has
// departed the one that its baseline is on.
Result<int> pool_to_go_back_to(const WeightFile& file, const StepOrder& order) {
  if (is_same_attempt(file, order))
    return file.action == WeightFile::Action::promote ? 1 - file.live : file.live;
  if (!order.has_departed) return file.live;
  if (const auto pool = pool_with(file, order.baseline)) return *pool;
  return fail(ErrorKind::conflict, fmt::format("no pool runs {}", printable(order.baseline)),
              fmt::format("signalbox train rollback {} --to {}", order.train,
                          printable(file.versions[static_cast<std::size_t>(1 - file.live)])));
}

bool is_ended(const WeightFile& file) {
  return file.action != WeightFile::Action::set_weight || file.weight == 0;
}

}  // namespace

std::string mark_of(const WeightFile& file) {
  return fmt::format("signalbox token={} step={} live={} weight={}", file.token,
                     file.step.empty() ? "-" : file.step, file.live, file.weight);
}

std::string write_weight_file(const WeightFile& file, const WeightFileSettings& settings) {
  std::string out = fmt::format("{}{}\n# Written by signalbox train depart; changes by hand are lost.\n",
                                kFirstWords, header_of(file).dump());
  out += settings.server == WeightFileSettings::Server::nginx ? nginx_text(file, settings)
                                                              : haproxy_text(file, settings);
  return out;
}

Result<WeightFile> read_weight_file(std::string_view text) {
  if (trim(text).empty()) return WeightFile{};
  if (!text.starts_with(kFirstWords))
    return fail(ErrorKind::conflict, "it was not written by signalbox", "move it away, or name another file");
  text.remove_prefix(kFirstWords.size());
  return read_header(text.substr(0, text.find('\n')));
}

Result<WeightFile> after_step(const WeightFile& before, const StepOrder& order, WeightFile::Action action) {
  using Action = WeightFile::Action;
  if (before.token > order.token) return fail(refused_token(order, before.token));
  const bool same_attempt = is_same_attempt(before, order);
  if (same_attempt && before.action == Action::promote && action == Action::set_weight)
    return fail(ErrorKind::conflict, fmt::format("attempt {} was promoted already", order.attempt));
  if (same_attempt && before.action == Action::revert && action != Action::revert)
    return fail(ErrorKind::conflict, fmt::format("attempt {} was taken back already", order.attempt));
  if (!same_attempt && !is_ended(before) && action != Action::revert) {
    return fail(ErrorKind::conflict,
                fmt::format("train {} has {} % of the traffic here", printable(before.train), before.weight),
                "signalbox train status " + printable(before.train));
  }
  if (same_attempt && before.action == action && before.step == order.step) {
    WeightFile again = before;
    again.token = order.token;
    return again;
  }
  WeightFile after = before;
  after.train = order.train;
  after.attempt = order.attempt;
  after.step = order.step;
  after.token = order.token;
  after.action = action;
  if (action == Action::revert) {
    SIGNALBOX_TRY(after.live, pool_to_go_back_to(before, order));
    after.weight = 0;
    return after;
  }
  const std::size_t idle = static_cast<std::size_t>(1 - before.live);
  after.versions[idle] = order.candidate;
  if (after.versions[1 - idle].empty()) after.versions[1 - idle] = order.baseline;
  after.weight = action == Action::promote ? 0 : order.weight;
  if (action == Action::promote) after.live = 1 - before.live;
  return after;
}

Observation observation_of(const WeightFile& file, const StepOrder& order) {
  Observation out;
  out.step = file.step;
  out.token = file.token;
  const bool same_attempt = is_same_attempt(file, order);
  out.promoted = same_attempt && file.action == WeightFile::Action::promote;
  out.weight = out.promoted ? 100 : file.weight;
  if (same_attempt || !order.has_departed) return out;
  // The way back has not begun: what has departed is on the live pool, whoever put it there.
  const auto pool = pool_with(file, order.candidate);
  out.weight.reset();
  if (pool) out.weight = *pool == file.live ? 100 - file.weight : file.weight;
  return out;
}

int pool_of_candidate(const WeightFile& file, const StepOrder& order) {
  return pool_with(file, order.candidate).value_or(1 - file.live);
}

}  // namespace signalbox::train::ramp
