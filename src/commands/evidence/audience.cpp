#include "commands/evidence/audience.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "core/evidence/statement.hpp"

namespace signalbox::evidence_command {
namespace {

// What a train's public manifest hides behind digests, in the events that say it.
constexpr std::array<std::string_view, 4> kOfPassengers = {"note", "rollback", "estimate", "checklist"};
constexpr std::array<std::string_view, 1> kOfManifests = {"private"};

std::span<const std::string_view> private_members(std::string_view type) {
  if (!type.starts_with(evidence::kPredicatePrefix)) return {};
  type.remove_prefix(evidence::kPredicatePrefix.size());
  if (type == "train/passenger/v1") return kOfPassengers;
  if (type == "train/manifest/v1") return kOfManifests;
  return {};
}

Json without(const Json& object, std::span<const std::string_view> names) {
  Json out = Json::object();
  for (const auto& [name, value] : object.members()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) out.set(name, value);
  }
  return out;
}

}  // namespace

Audience audience_of(const http::Request& request) {
  return request.principal.role >= http::Role::operator_ ? Audience::crew : Audience::everybody;
}

Json as_told_to(Audience audience, Json entry) {
  const std::span<const std::string_view> names = private_members(entry["record_json"]["type"].as_string());
  if (audience == Audience::crew || names.empty()) return entry;
  Json hidden = Json::array();
  Json statement = entry["statement"];
  for (const std::string_view name : names) {
    if (statement["predicate"].find(name) != nullptr) hidden.push_back(name);
  }
  if (hidden.size() == 0) return entry;
  if (statement["predicate"].is_object()) statement.set("predicate", without(statement["predicate"], names));
  entry.set("statement", std::move(statement));
  entry.set("envelope", Json());
  entry.set("envelope_octets", "");
  entry.set("salt", "");
  entry.set("hidden", std::move(hidden));
  return entry;
}

}  // namespace signalbox::evidence_command
