#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/condition.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/plain_condition.hpp"

namespace signalbox::gates {
namespace {

constexpr std::size_t kMaxPaths = 500;
constexpr std::size_t kMaxLiterals = 40;
constexpr std::size_t kMaxReported = 10;
constexpr double kHuge = 9e15;
constexpr std::string_view kTooMany = "only {} of {} paths of the example were tried";

// One place in the example: the path, and whether taking it away means something to the expression.
struct Place {
  Json path;         // member names and positions
  std::string text;  // ".predicate.counts.error", ".predicate.failed[0]"
  bool deletable = false;
};

void collect(const Json& value, const Json& path, const std::string& text,
             const std::vector<std::string>& named, std::vector<Place>& out) {
  const auto below = [&](Json step, const std::string& step_text, bool deletable, const Json& child) {
    Json longer = path;
    longer.push_back(std::move(step));
    out.push_back({longer, text + step_text, deletable});
    collect(child, longer, text + step_text, named, out);
  };
  for (const auto& [key, child] : value.members())
    below(key, "." + key, std::find(named.begin(), named.end(), key) != named.end(), child);
  std::int64_t position = 0;
  for (const Json& child : value.items()) {
    below(position, fmt::format("[{}]", position), false, child);
    ++position;
  }
}

// Names and literals of the expression.
struct Mentioned {
  std::vector<std::string> names;  // fields and strings: what it can ask a member by
  std::vector<Json> literals;      // strings; numbers, and those one below and above
};

Mentioned mentioned_in(const std::vector<Token>& tokens) {
  Mentioned out;
  const auto add = [&](Json value) {
    if (out.literals.size() < kMaxLiterals &&
        std::find(out.literals.begin(), out.literals.end(), value) == out.literals.end())
      out.literals.push_back(std::move(value));
  };
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::field || token.kind == Token::Kind::word) out.names.push_back(token.text);
    if (token.kind == Token::Kind::string && is_utf8(token.text)) {
      out.names.push_back(token.text);
      add(token.text);
    }
    double number = 0;
    const char* const end = token.text.data() + token.text.size();
    if (token.kind != Token::Kind::number || std::from_chars(token.text.data(), end, number).ptr != end)
      continue;
    for (const double near : {number, number - 1, number + 1}) add(near);
  }
  return out;
}

// What is put at every place: first what decides whether it fails open, then the rest.
const std::vector<Json>& telling_values() {
  static const std::vector<Json> values = {Json(), Json::array()};
  return values;
}

std::vector<Json> other_values(const Mentioned& mentioned) {
  std::vector<Json> out = {"", Json::object(), true, false, kHuge, -kHuge};
  out.insert(out.end(), mentioned.literals.begin(), mentioned.literals.end());
  return out;
}

// The predicate stands in the input twice: both are changed.
std::vector<Json> twins(const Json& path) {
  if (path.items().front().as_string() != "predicate") return {path};
  Json twin = Json::array();
  twin.push_back("statement");
  for (const Json& step : path.items()) twin.push_back(step);
  return {path, twin};
}

// ".predicate.failed[3].name" and "predicate.failed[].name" are the same to allow_empty.
std::string without_positions(std::string_view path) {
  std::string out = path.starts_with('.') ? "" : ".";
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

// What a condition says where one place of a good input is changed in every way.
struct Response {
  bool deletion_passes = false;
  bool null_passes = false;
  bool empty_array_passes = false;
  bool some_value_fails = false;  // once it does, no other value changes what is reported
};

class Linter {
 public:
  Linter(Evaluator& evaluator, std::string_view expression, const std::vector<std::string>& allow_empty,
         Mentioned mentioned)
      : evaluator_(evaluator), expression_(expression), mentioned_(std::move(mentioned)) {
    for (const std::string& path : allow_empty) allow_empty_.push_back(without_positions(path));
  }

  // True on nothing: it asks for nothing.
  Status try_nothing(Lint& out) {
    const std::vector<Json> empty = {Json::object(), Json::object({{"predicate", Json::object()}})};
    SIGNALBOX_TRY(const auto answers, evaluator_.evaluate_all(expression_, empty));
    for (const Answer& answer : answers) {
      if (answer.kind == Answer::Kind::refused) {
        out.refusals = {answer.message};
        return {};
      }
      if (answer.kind == Answer::Kind::yes) {
        out.refusals = {"vacuous"};
        return {};
      }
    }
    return {};
  }

  Status try_example(const Json& good, Lint& out) {
    SIGNALBOX_TRY(const Answer answer, evaluator_.evaluate(expression_, good));
    if (answer.kind != Answer::Kind::yes) {
      out.warnings.push_back("the example does not pass, so only empty input was tried");
      return {};
    }
    bool any_place = false;
    const std::vector<Place> places = places_of(good, out, any_place);
    SIGNALBOX_TRY(const std::vector<Response> responses, responses_at(places, good));
    bool any_matters = false;
    for (std::size_t i = 0; i < places.size(); ++i) {
      any_matters = any_matters || responses[i].some_value_fails;
      report(places[i], responses[i], out);
    }
    if (any_place && !any_matters && !looks_elsewhere(good)) out.refusals = {"vacuous"};
    return {};
  }

 private:
  std::vector<Place> places_of(const Json& good, Lint& out, bool& any_place) const {
    std::vector<Place> all;
    for (const char* member : {"predicate", "train"}) {
      if (const Json* value = good.find(member)) {
        Json path = Json::array();
        path.push_back(member);
        collect(*value, path, std::string(".") + member, mentioned_.names, all);
      }
    }
    any_place = !all.empty();
    leave_unread_out(good, all);
    if (all.size() <= kMaxPaths) return all;
    out.warnings.push_back(fmt::format(kTooMany, kMaxPaths, all.size()));
    std::vector<Place> sample;
    for (std::size_t i = 0; i < kMaxPaths; ++i) sample.push_back(all[i * all.size() / kMaxPaths]);
    return sample;
  }

  // What a plain condition did not look at can change without changing its answer.
  void leave_unread_out(const Json& good, std::vector<Place>& places) const {
    const auto plain = PlainCondition::parse(expression_);
    std::vector<const Json*> read;
    if (!plain || !plain->evaluate(good, &read)) return;
    std::sort(read.begin(), read.end(), std::less<>());
    std::erase_if(places, [&](const Place& place) {
      const std::vector<Json> paths = twins(place.path);
      return std::none_of(paths.begin(), paths.end(), [&](const Json& path) {
        return std::binary_search(read.begin(), read.end(), find_place(good, path), std::less<>());
      });
    });
  }

  Result<std::vector<Response>> responses_at(const std::vector<Place>& places, const Json& good) {
    std::vector<Response> out(places.size());
    std::vector<std::size_t> all(places.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    SIGNALBOX_CHECK(try_at(places, all, telling_values(), Deletion::tried, good, out));
    std::erase_if(all, [&](std::size_t i) { return out[i].some_value_fails; });
    SIGNALBOX_CHECK(try_at(places, all, other_values(mentioned_), Deletion::not_tried, good, out));
    return out;
  }

  enum class Deletion { tried, not_tried };
  Status try_at(const std::vector<Place>& places, const std::vector<std::size_t>& which,
                const std::vector<Json>& values, Deletion deletion, const Json& good,
                std::vector<Response>& responses) {
    std::vector<Variant> variants;
    std::vector<std::size_t> owners;
    for (const std::size_t i : which) {
      const std::vector<Json> paths = twins(places[i].path);
      for (const Json& value : values) variants.push_back({paths, value});
      if (deletion == Deletion::tried && places[i].deletable) variants.push_back({paths, std::nullopt});
      owners.resize(variants.size(), i);
    }
    SIGNALBOX_TRY(const auto answers, evaluator_.evaluate_variants(expression_, good, variants));
    for (std::size_t i = 0; i < variants.size(); ++i) note(variants[i], answers[i], responses[owners[i]]);
    return {};
  }

  // Does it look at the signers, the age, the subject …, which are always there?
  bool looks_elsewhere(const Json& good) const {
    return std::any_of(mentioned_.names.begin(), mentioned_.names.end(), [&](const std::string& name) {
      return name != "predicate" && name != "statement" && name != "train" && good.find(name) != nullptr;
    });
  }

  static void note(const Variant& variant, const Answer& answer, Response& out) {
    const bool passes = answer.kind == Answer::Kind::yes;
    if (!passes) out.some_value_fails = true;
    if (!variant.value) {
      out.deletion_passes = passes;
    } else if (variant.value->is_null()) {
      out.null_passes = passes;
    } else if (variant.value->is_array()) {
      out.empty_array_passes = passes;
    }
  }

  void report(const Place& place, const Response& response, Lint& out) const {
    if (!response.some_value_fails) return;
    if (response.deletion_passes || response.null_passes) {
      if (out.refusals.size() < kMaxReported) out.refusals.push_back("fails open at " + place.text);
      return;
    }
    const bool allowed = std::find(allow_empty_.begin(), allow_empty_.end(), without_positions(place.text)) !=
                         allow_empty_.end();
    if (response.empty_array_passes && !allowed && out.warnings.size() < kMaxReported)
      out.warnings.push_back("empty-array-passes at " + place.text);
  }

  Evaluator& evaluator_;
  std::string_view expression_;
  Mentioned mentioned_;
  std::vector<std::string> allow_empty_;
};

}  // namespace

Result<Lint> lint(Evaluator& evaluator, std::string_view expression, const Json* good,
                  const std::vector<std::string>& allow_empty) {
  Lint out;
  const auto tokens = scan_expression(expression);
  const Status pure = tokens ? refuse_impure(*tokens) : Status(fail(tokens.error()));
  if (!pure) {
    out.refusals = {pure.error().message};
    return out;
  }
  Linter linter(evaluator, expression, allow_empty, mentioned_in(*tokens));
  SIGNALBOX_CHECK(linter.try_nothing(out));
  if (out.refusals.empty() && good != nullptr) SIGNALBOX_CHECK(linter.try_example(*good, out));
  return out;
}

}  // namespace signalbox::gates
