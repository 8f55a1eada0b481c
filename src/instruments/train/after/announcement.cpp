#include "instruments/train/after/announcement.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train::after {
namespace {

using What = AnnouncementEvent::What;

constexpr std::array<std::string_view, 3> kWhats = {"begun", "told", "failed"};
constexpr std::array<std::string_view, 4> kStates = {"begun", "told", "refused", "unknown"};
constexpr std::string_view kAlgorithm = "sha256:";

Json to_json(const ramp::Holder& holder) {
  return Json::object(
      {{"name", holder.name}, {"place", holder.place}, {"pid", holder.pid}, {"started", holder.started}});
}

void read_holder(PredicateFields& fields, ramp::Holder& out) {
  PredicateFields holder(fields.object("holder"), fields.where("holder"));
  out.name = holder.text("name");
  out.place = holder.text("place");
  out.pid = static_cast<std::int64_t>(holder.count("pid"));
  out.started = static_cast<std::int64_t>(holder.count("started"));
  if (!holder.is_good()) fields.refuse("holder", "is no process");
}

// Why the event may not come next; empty where it may.
std::string objection(const Delivery* before, const AnnouncementEvent& event) {
  const bool is_open = before != nullptr && before->state == Delivery::State::begun;
  if (event.what == What::begun) {
    if (before != nullptr && before->state == Delivery::State::told) return "it was told already";
    return {};
  }
  if (!is_open) return "nobody had begun to tell it";
  if (event.digest != before->digest) return "something else was begun";
  return {};
}

void take(Delivery& delivery, const AnnouncementEvent& event, const Event& entry) {
  switch (event.what) {
    case What::begun:
      delivery.state = Delivery::State::begun;
      delivery.holder = event.holder;
      delivery.id = event.id;
      delivery.subject = event.subject;
      delivery.text = event.text;
      ++delivery.tries;
      break;
    case What::told:
      delivery.state = Delivery::State::told;
      break;
    case What::failed:
      delivery.state = event.may_have_arrived ? Delivery::State::unknown : Delivery::State::refused;
      break;
  }
  delivery.since = entry.time;
  delivery.by = entry.signer;
  delivery.kind = event.kind;
  delivery.digest = event.digest;
  delivery.why = event.why;
  delivery.index = entry.index;
}

}  // namespace

Json to_json(const AnnouncementEvent& event) {
  Json out = Json::object({{"what", kWhats[static_cast<std::size_t>(event.what)]},
                           {"message", event.message},
                           {"channel", event.channel},
                           {"kind", event.kind},
                           {"digest", std::string(kAlgorithm) + event.digest}});
  if (event.what == What::begun) {
    out.set("id", event.id);
    out.set("subject", event.subject);
    out.set("text", event.text);
    out.set("holder", to_json(event.holder));
  }
  if (event.what == What::failed) {
    out.set("why", event.why);
    out.set("may_have_arrived", event.may_have_arrived);
  }
  return out;
}

Result<AnnouncementEvent> read_announcement_event(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  AnnouncementEvent out;
  const std::string what = fields.text("what");
  const auto* const found = std::find(kWhats.begin(), kWhats.end(), what);
  if (found == kWhats.end()) {
    fields.refuse("what", "is neither begun, told nor failed");
  } else {
    out.what = static_cast<What>(found - kWhats.begin());
  }
  out.message = fields.text("message");
  out.channel = fields.text("channel");
  out.kind = fields.text("kind");
  out.digest = fields.text("digest");
  const bool is_digest =
      out.digest.starts_with(kAlgorithm) && is_sha256(std::string_view(out.digest).substr(kAlgorithm.size()));
  if (is_digest) {
    out.digest.erase(0, kAlgorithm.size());
  } else {
    fields.refuse("digest", "is no sha256:<64 digits>");
  }
  if (out.what == What::begun) {
    out.id = fields.text("id");
    out.subject = fields.text("subject");
    out.text = fields.optional_text("text");
    read_holder(fields, out.holder);
  }
  if (out.what == What::failed) {
    out.why = fields.text("why");
    out.may_have_arrived = fields.boolean("may_have_arrived");
  }
  SIGNALBOX_CHECK(fields.status());
  return out;
}

std::string_view name_of(Delivery::State state) {
  return kStates[static_cast<std::size_t>(state)];
}

const Delivery* Told::find(const std::string& message, const std::string& channel) const {
  const auto found = deliveries.find({message, channel});
  return found == deliveries.end() ? nullptr : &found->second;
}

Told fold_announcements(const TrainEvents& events) {
  Told out;
  out.train = events.train;
  for (const Event& event : events.events) {
    if (event.kind != "announcement") continue;
    const auto read = read_announcement_event(event.predicate);
    std::string why = read ? std::string() : read.error().message;
    if (read) why = objection(out.find(read->message, read->channel), *read);
    if (!why.empty()) {
      out.remarks.push_back({"train/event-refused",
                             fmt::format("log #{} (announcement) does not count: {}", event.index, why),
                             fmt::format("signalbox evidence show {}", event.index)});
      out.ignored_indexes.push_back(event.index);
      continue;
    }
    take(out.deliveries[{read->message, read->channel}], *read, event);
  }
  return out;
}

Telling what_to_do(const Delivery* delivery, bool is_holder_gone, Time now, Duration patience) {
  if (delivery == nullptr) return Telling::tell;
  switch (delivery->state) {
    case Delivery::State::told:
      return Telling::leave;
    case Delivery::State::refused:
      return Telling::tell;
    case Delivery::State::unknown:
      return Telling::doubt;
    case Delivery::State::begun:
      return is_holder_gone || now - delivery->since > patience ? Telling::doubt : Telling::wait;
  }
  return Telling::leave;
}

}  // namespace signalbox::train::after
