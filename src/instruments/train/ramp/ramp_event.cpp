#include "instruments/train/ramp/ramp_event.hpp"

#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::array<std::string_view, 3> kLeases = {"take", "renew", "release"};
constexpr std::array<std::string_view, 6> kCalls = {"baseline", "announce", "set_weight",
                                                    "promote",  "revert",   "tag"};
constexpr std::array<std::string_view, 2> kPurposes = {"depart", "go-back"};
constexpr std::array<std::string_view, 9> kSteps = {"begin",   "intent",   "outcome", "passed",   "paused",
                                                    "resumed", "breached", "stuck",   "abandoned"};
constexpr std::array<std::string_view, 2> kResults = {"done", "failed"};
constexpr std::array<std::string_view, 2> kHows = {"called", "found"};
constexpr std::array<std::string_view, 5> kOrders = {"pause", "resume", "abort", "rollback", "by-hand"};
constexpr std::int64_t kMaxTtl_ms = std::int64_t{24} * 3600 * 1000;

template <class Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

// The value that a member names.
template <class Enum, std::size_t N>
Enum read_name(PredicateFields& fields, const char* member, const std::array<std::string_view, N>& names) {
  const std::string name = fields.text(member);
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  fields.refuse(member, "is none of those that there are");
  return Enum{};
}

int read_weight(PredicateFields& fields) {
  const std::uint64_t weight = fields.count("weight");
  if (weight > 100) fields.refuse("weight", "is more than 100");
  return static_cast<int>(std::min<std::uint64_t>(weight, 100));
}

Json to_json(const Begin& begin) {
  Json out = Json::object({{"purpose", name_in(kPurposes, begin.purpose)},
                           {"service", begin.service},
                           {"commit", begin.commit},
                           {"version", begin.version},
                           {"baseline", begin.baseline},
                           {"driver", begin.driver},
                           {"depart_at", to_rfc3339(begin.depart_at)},
                           {"makes_tag", begin.makes_tag},
                           {"is_watched", begin.is_watched},
                           {"plan", to_json(begin.plan)}});
  if (begin.decision) out.set("decision", *begin.decision);
  if (!begin.why.empty()) out.set("why", begin.why);
  if (!begin.policy_ref.empty()) out.set("policy_ref", begin.policy_ref);
  return out;
}

Result<Begin> begin_from_json(const Json& json) {
  PredicateFields fields(json, "begin");
  Begin out;
  out.purpose = read_name<Begin::Purpose>(fields, "purpose", kPurposes);
  out.service = fields.text("service");
  out.commit = fields.text("commit");
  out.version = fields.text("version");
  out.baseline = fields.optional_text("baseline");
  out.driver = fields.text("driver");
  out.depart_at = fields.time("depart_at");
  out.makes_tag = fields.boolean("makes_tag");
  out.is_watched = fields.boolean("is_watched");
  out.decision = fields.optional_count("decision");
  out.why = fields.optional_text("why");
  out.policy_ref = fields.optional_text("policy_ref");
  SIGNALBOX_CHECK(fields.status());
  SIGNALBOX_TRY(out.plan, plan_from_json(json["plan"]));
  return out;
}

// Members that one kind of step has and another has not.
void write_members(const StepEvent& event, Json& out) {
  using What = StepEvent::What;
  if (event.what == What::intent || event.what == What::outcome || event.what == What::passed) {
    out.set("step", event.step);
    out.set("weight", event.weight);
  }
  if (event.what == What::intent || event.what == What::outcome) out.set("call", name_of(event.call));
  if (event.what == What::outcome) {
    out.set("result", name_in(kResults, event.result));
    out.set("how", name_in(kHows, event.how));
  }
}

void read_members(PredicateFields& fields, StepEvent& out) {
  using What = StepEvent::What;
  if (out.what == What::intent || out.what == What::outcome || out.what == What::passed) {
    out.step = fields.text("step");
    out.weight = read_weight(fields);
  }
  if (out.what == What::intent || out.what == What::outcome)
    out.call = read_name<Call>(fields, "call", kCalls);
  if (out.what == What::outcome) {
    out.result = read_name<StepEvent::Result>(fields, "result", kResults);
    out.how = read_name<StepEvent::How>(fields, "how", kHows);
  }
}

}  // namespace

std::string_view name_of(Call call) {
  return name_in(kCalls, call);
}

std::string_view name_of(OrderEvent::What what) {
  return name_in(kOrders, what);
}

Json to_json(const LeaseEvent& event) {
  Json out = Json::object({{"what", name_in(kLeases, event.what)},
                           {"holder", event.holder.name},
                           {"place", event.holder.place},
                           {"pid", event.holder.pid},
                           {"started", event.holder.started},
                           {"ttl_ms", event.ttl.count()},
                           {"token", event.token}});
  if (!event.why.empty()) out.set("why", event.why);
  if (!event.watched.is_null()) out.set("watched", event.watched);
  return out;
}

Result<LeaseEvent> lease_from_json(const Json& predicate) {
  PredicateFields fields(predicate, "lease");
  LeaseEvent out;
  out.what = read_name<LeaseEvent::What>(fields, "what", kLeases);
  out.holder.name = fields.text("holder");
  out.holder.place = fields.text("place");
  out.holder.pid = static_cast<std::int64_t>(fields.count("pid"));
  out.holder.started = static_cast<std::int64_t>(fields.count("started"));
  const auto ttl = static_cast<std::int64_t>(fields.count("ttl_ms"));
  if (ttl > kMaxTtl_ms) fields.refuse("ttl_ms", "is more than a day");
  out.ttl = Duration(ttl);
  out.token = fields.count("token");
  out.why = fields.optional_text("why");
  out.watched = predicate["watched"];
  SIGNALBOX_CHECK(fields.status());
  return out;
}

Json to_json(const StepEvent& event) {
  Json out = Json::object({{"what", name_in(kSteps, event.what)}});
  if (event.what == StepEvent::What::begin) {
    if (event.begin) out.set("begin", to_json(*event.begin));
    return out;
  }
  out.set("attempt", event.attempt);
  out.set("token", event.token);
  write_members(event, out);
  if (!event.reason.empty()) out.set("reason", event.reason);
  if (!event.why.empty()) out.set("why", event.why);
  if (!event.details.is_null()) out.set("details", event.details);
  return out;
}

Result<StepEvent> step_from_json(const Json& predicate) {
  PredicateFields fields(predicate, "step");
  StepEvent out;
  out.what = read_name<StepEvent::What>(fields, "what", kSteps);
  SIGNALBOX_CHECK(fields.status());
  if (out.what == StepEvent::What::begin) {
    SIGNALBOX_TRY(out.begin, begin_from_json(predicate["begin"]));
    return out;
  }
  out.attempt = fields.text("attempt");
  out.token = fields.count("token");
  read_members(fields, out);
  out.reason = fields.optional_text("reason");
  out.why = fields.optional_text("why");
  out.details = predicate["details"];
  SIGNALBOX_CHECK(fields.status());
  return out;
}

Json to_json(const OrderEvent& event) {
  return Json::object({{"what", name_of(event.what)}, {"attempt", event.attempt}, {"reason", event.reason}});
}

Result<OrderEvent> order_from_json(const Json& predicate) {
  PredicateFields fields(predicate, "order");
  OrderEvent out;
  out.what = read_name<OrderEvent::What>(fields, "what", kOrders);
  out.attempt = fields.text("attempt");
  out.reason = fields.optional_text("reason");
  SIGNALBOX_CHECK(fields.status());
  return out;
}

}  // namespace signalbox::train::ramp
