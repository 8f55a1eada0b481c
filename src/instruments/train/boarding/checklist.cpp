#include "instruments/train/boarding/checklist.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train {
namespace {

struct ItemText {
  std::string_view name;
  std::string_view question;
};
constexpr std::array<ItemText, kCheckItems> kItems = {
    {{"tests", "tests cover the change and pass"},
     {"merged-ci", "merged to the trunk with passing CI"},
     {"integration-tests", "automated integration tests cover the feature"},
     {"security-scan", "a security scan ran and its findings are triaged"},
     {"migration-plan", "the migration has a plan"},
     {"migration-reversible", "the migration is reversible, or its backfill was tested"},
     {"data-rollback", "the steps that take data back are known"},
     {"feature-toggle", "exposure is decoupled from deployment, where it has to be partial"},
     {"toggle-exists", "the feature toggle exists"},
     {"observability", "a playbook says what to watch and what to do"},
     {"business-impact", "the impact on the business is stated"},
     {"notes-entry", "the release notes have an entry"}}};
constexpr std::array<std::string_view, 4> kStates = {"open", "n/a", "attested", "proved"};
constexpr std::size_t kMaxAnswerBytes = 2000;

std::optional<CheckState> state_from(std::string_view name) {
  const auto* const found = std::find(kStates.begin(), kStates.end(), name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<CheckState>(found - kStates.begin());
}

Json to_json(const CheckAnswer& answer) {
  Json out = Json::object({{"state", name_of(answer.state)}});
  if (!answer.text.empty())
    out.set(answer.state == CheckState::not_applicable ? "reason" : "text", answer.text);
  if (!answer.by.empty()) out.set("by", answer.by);
  if (answer.evidence) {
    out.set("evidence", *answer.evidence);
    out.set("envelope", "sha256:" + answer.envelope);
  }
  return out;
}

Result<CheckAnswer> read_answer(const Json& json, std::string_view name) {
  PredicateFields fields(json, fmt::format("predicate.checklist.{}", name));
  CheckAnswer out;
  const std::string state = fields.text("state");
  if (fields.is_good() && !state_from(state))
    fields.refuse("state", "is none of proved, attested, n/a, open");
  out.state = state_from(state).value_or(CheckState::open);
  switch (out.state) {
    case CheckState::open:
      break;
    case CheckState::not_applicable:
      out.text = fields.text("reason");
      out.by = fields.optional_text("by");
      break;
    case CheckState::attested:
      out.text = fields.text("text");
      out.by = fields.text("by");
      break;
    case CheckState::proved: {
      constexpr std::string_view kAlgorithm = "sha256:";
      out.text = fields.optional_text("text");
      out.evidence = fields.optional_count("evidence");
      const std::string envelope = out.evidence ? fields.text("envelope") : std::string();
      if (out.evidence && envelope.starts_with(kAlgorithm)) out.envelope = envelope.substr(kAlgorithm.size());
      if (fields.is_good() && out.evidence && !is_sha256(out.envelope))
        fields.refuse("envelope", "is no sha256:<64 digits>");
      if (fields.is_good() && !out.evidence && out.text.empty())
        fields.refuse("evidence", "what is proved names what proves it");
      break;
    }
  }
  SIGNALBOX_CHECK(fields.status());
  return out;
}

}  // namespace

const std::array<CheckItem, kCheckItems>& check_items() {
  static const std::array<CheckItem, kCheckItems> items = [] {
    std::array<CheckItem, kCheckItems> out{};
    for (std::size_t i = 0; i < kCheckItems; ++i) out[i] = static_cast<CheckItem>(i);
    return out;
  }();
  return items;
}

std::string_view name_of(CheckItem item) {
  return kItems[static_cast<std::size_t>(item)].name;
}

std::string_view question_of(CheckItem item) {
  return kItems[static_cast<std::size_t>(item)].question;
}

std::optional<CheckItem> check_item_from(std::string_view name) {
  const auto* const found =
      std::find_if(kItems.begin(), kItems.end(), [&](const ItemText& item) { return item.name == name; });
  if (found == kItems.end()) return std::nullopt;
  return static_cast<CheckItem>(found - kItems.begin());
}

std::vector<std::string> check_item_names() {
  std::vector<std::string> out;
  for (const ItemText& item : kItems) out.emplace_back(item.name);
  return out;
}

std::string_view name_of(CheckState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::vector<CheckItem> Checklist::open() const {
  std::vector<CheckItem> out;
  for (const CheckItem item : check_items()) {
    if ((*this)[item].state == CheckState::open) out.push_back(item);
  }
  return out;
}

Result<CheckAnswer> parse_check_answer(std::string_view text) {
  text = trim(text);
  CheckAnswer out;
  if (text.size() > kMaxAnswerBytes)
    return fail(ErrorKind::bad_input, fmt::format("an answer of more than {} bytes", kMaxAnswerBytes));
  if (!is_utf8(text)) return fail(ErrorKind::bad_input, "an answer that is no UTF-8");
  if (text.empty())
    return fail(ErrorKind::bad_input, "an answer that says nothing", "#12, n/a: REASON, or a sentence");
  const bool is_reference =
      text.size() > 1 && text.front() == '#' && text.find_first_not_of("0123456789", 1) == text.npos;
  if (is_reference) {
    const auto index = parse_integer(text.substr(1));
    if (!index) return fail(ErrorKind::bad_input, fmt::format("{} is no entry of a log", text));
    out.state = CheckState::proved;
    out.evidence = static_cast<std::uint64_t>(*index);
    return out;
  }
  constexpr std::string_view kNotApplicable = "n/a";
  if (starts_with_ignoring_case(text, kNotApplicable)) {
    std::string_view reason = text.substr(kNotApplicable.size());
    if (reason.empty() || reason.front() == ':' || reason.front() == ' ') {
      if (!reason.empty()) reason.remove_prefix(1);
      reason = trim(reason);
      if (reason.empty())
        return fail(ErrorKind::bad_input, "n/a without a reason", "n/a: no data is touched");
      out.state = CheckState::not_applicable;
      out.text = std::string(reason);
      return out;
    }
  }
  out.state = CheckState::attested;
  out.text = std::string(text);
  return out;
}

Result<std::pair<CheckItem, CheckAnswer>> parse_check(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string name(trim(text.substr(0, equals)));
  const auto item = check_item_from(name);
  if (!item) {
    const auto near = nearest(name, check_item_names());
    return fail(
        ErrorKind::bad_input, fmt::format("there is no checklist item '{}'", printable(name)),
        near ? fmt::format("did you mean {}?", *near) : "items are " + join(check_item_names(), ", "));
  }
  if (equals == std::string_view::npos) {
    return fail(ErrorKind::bad_input, fmt::format("{} without an answer", name),
                fmt::format("{0}=#12, {0}=\"n/a: REASON\", or {0}=\"a sentence\"", name));
  }
  auto answer = parse_check_answer(text.substr(equals + 1));
  if (!answer) return fail_in(name, std::move(answer).error());
  return std::pair(*item, std::move(*answer));
}

void answer_more(Checklist& checklist, const Checklist& more) {
  for (const CheckItem item : check_items()) {
    const CheckAnswer& answer = more[item];
    if (answer.state != CheckState::open && answer.state >= checklist[item].state) checklist[item] = answer;
  }
}

Json to_json(const Checklist& checklist) {
  Json out = Json::object();
  for (const CheckItem item : check_items()) out.set(std::string(name_of(item)), to_json(checklist[item]));
  return out;
}

Result<Checklist> read_checklist(const Json& json) {
  Checklist out;
  for (const auto& [name, value] : json.members()) {
    const auto item = check_item_from(name);
    if (!item) {
      return fail(ErrorKind::bad_input,
                  fmt::format("predicate.checklist: there is no item '{}'", printable(name)));
    }
    SIGNALBOX_TRY(out[*item], read_answer(value, name));
  }
  return out;
}

}  // namespace signalbox::train
