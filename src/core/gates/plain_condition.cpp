#include "core/gates/plain_condition.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace signalbox::gates {
namespace {

using Kind = PlainTerm::Kind;
// A value of the input, of the condition, or one of the three below. Errors: `bad_input` is what jq raises,
// with its message; `unavailable` says that only jq knows.
using Value = Result<const Json*>;

const Json& constant(bool value) {
  static const Json kTrue(true);
  static const Json kFalse(false);
  return value ? kTrue : kFalse;
}

const Json& null() {
  static const Json kNull;
  return kNull;
}

tl::unexpected<Error> raised(std::string message) {
  return fail(ErrorKind::bad_input, std::move(message));
}
tl::unexpected<Error> jq_knows() {
  return fail(ErrorKind::unavailable, {});
}

std::string type_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "boolean";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  return value.is_array() ? "array" : "object";
}

// jq's order of values of different kinds.
int rank_of(const Json& value) {
  if (value.is_null()) return 0;
  if (value.is_bool()) return value.as_bool() ? 2 : 1;
  if (value.is_number()) return 3;
  if (value.is_string()) return 4;
  return value.is_array() ? 5 : 6;
}

bool is_truthy(const Json& value) {
  return !value.is_null() && !(value.is_bool() && !value.as_bool());
}

int sign_of(double a, double b) {
  return a < b ? -1 : a == b ? 0 : 1;
}

// Below, equal, above: -1, 0, 1.
Result<int> compare(const Json& a, const Json& b) {
  const int rank = rank_of(a);
  if (rank != rank_of(b)) return rank < rank_of(b) ? -1 : 1;
  if (a.is_array() || a.is_object()) return jq_knows();
  if (a.is_number()) {
    if (!std::isfinite(a.as_number()) || !std::isfinite(b.as_number())) return jq_knows();
    return sign_of(a.as_number(), b.as_number());
  }
  if (a.is_string()) return sign_of(a.as_string().compare(b.as_string()), 0);
  return 0;
}

bool holds(std::string_view sign, int order) {
  if (sign == "==") return order == 0;
  if (sign == "!=") return order != 0;
  if (sign == "<") return order < 0;
  if (sign == "<=") return order <= 0;
  return sign == ">" ? order > 0 : order >= 0;
}

// One walk over the terms.
class Walk {
 public:
  explicit Walk(std::vector<const Json*>* read) : read_(read) {}

  Value value_of(const PlainTerm& term, const Json& here) {
    switch (term.kind) {
      case Kind::literal:
        return &term.literal;
      case Kind::place:
        return place(term, here);
      case Kind::typed:
        return typed(term.parts[0], term.text, here);
      case Kind::same:
        return same(term, here);
      case Kind::numbers:
        return numbers(term, here);
      case Kind::between:
        return between(term, here);
      case Kind::none: {
        SIGNALBOX_TRY(const Json* list, typed(term.parts[0], "array", here));
        return &constant(list->size() == 0);
      }
      case Kind::every:
        return every(term, here);
      case Kind::compared:
        return compared(term, here);
      case Kind::both:
      case Kind::either:
        return joined(term, here);
      case Kind::negation: {
        SIGNALBOX_TRY(const Json* value, value_of(term.parts[0], here));
        return &constant(!is_truthy(*value));
      }
      case Kind::among:
        break;
    }
    return among(term, here);
  }

 private:
  const Json& looked_at(const Json& value) {
    if (read_ != nullptr) read_->push_back(&value);
    return value;
  }

  Value place(const PlainTerm& term, const Json& here) {
    const Json* value = &looked_at(here);
    for (const std::string& name : term.path) {
      if (!value->is_null() && !value->is_object())
        return raised("Cannot index " + type_of(*value) + " with string \"" + name + "\"");
      const Json* below = value->find(name);
      value = below == nullptr ? &null() : &looked_at(*below);
    }
    return value;
  }

  // The prelude's `_one`.
  Value present(const PlainTerm& term, const Json& here) {
    SIGNALBOX_TRY(const Json* value, value_of(term, here));
    if (value->is_null()) return raised(term.name + ": missing or null");
    if (value->is_number() && !std::isfinite(value->as_number())) return jq_knows();
    return value;
  }

  // The prelude's `need`.
  Value typed(const PlainTerm& term, std::string_view type, const Json& here) {
    SIGNALBOX_TRY(const Json* value, present(term, here));
    if (std::string found = type_of(*value); found != type)
      return raised(term.name + ": " + found + " where " + std::string(type) + " is needed");
    return value;
  }

  Value same(const PlainTerm& term, const Json& here) {
    SIGNALBOX_TRY(const Json* a, present(term.parts[0], here));
    SIGNALBOX_TRY(const Json* b, present(term.parts[1], here));
    if (type_of(*a) != type_of(*b))
      return raised(term.parts[0].name + ": " + type_of(*a) + " compared with " + type_of(*b));
    SIGNALBOX_TRY(const int order, compare(*a, *b));
    return &constant(holds(term.text, order));
  }

  Value numbers(const PlainTerm& term, const Json& here) {
    SIGNALBOX_TRY(const Json* a, typed(term.parts[0], "number", here));
    SIGNALBOX_TRY(const Json* b, typed(term.parts[1], "number", here));
    return &constant(holds(term.text, sign_of(a->as_number(), b->as_number())));
  }

  Value between(const PlainTerm& term, const Json& here) {
    SIGNALBOX_TRY(const Json* value, typed(term.parts[0], "number", here));
    SIGNALBOX_TRY(const Json* low, typed(term.parts[1], "number", here));
    SIGNALBOX_TRY(const Json* high, typed(term.parts[2], "number", here));
    return &constant(value->as_number() >= low->as_number() && value->as_number() <= high->as_number());
  }

  Value every(const PlainTerm& term, const Json& here) {
    const PlainTerm& of = term.parts[0];
    SIGNALBOX_TRY(const Json* all, present(of, here));
    if (!all->is_array() && !all->is_object())
      return raised(of.name + ": " + type_of(*all) + " where an array or object is needed");
    if (all->size() == 0) return raised(of.name + ": empty where something is needed");
    return all->is_array() ? every_item(term, *all) : every_member(term, *all);
  }

  Value every_item(const PlainTerm& term, const Json& all) {
    bool so_far = true;
    for (const Json& item : all.items()) {
      SIGNALBOX_TRY(const Json* held, typed(term.parts[1], "boolean", looked_at(item)));
      so_far = held->as_bool() && so_far;
    }
    return &constant(so_far);
  }

  // jq looks at the members of an object in an order of its own.
  Value every_member(const PlainTerm& term, const Json& all) {
    bool so_far = true;
    std::optional<Error> error;
    for (const auto& [name, item] : all.members()) {
      const Value held = typed(term.parts[1], "boolean", looked_at(item));
      if (held) {
        so_far = (*held)->as_bool() && so_far;
      } else if (held.error().kind == ErrorKind::unavailable ||
                 (error && error->message != held.error().message)) {
        return jq_knows();
      } else {
        error = held.error();
      }
    }
    if (error) return fail(std::move(*error));
    return &constant(so_far);
  }

  // jq asks the right side first.
  Value compared(const PlainTerm& term, const Json& here) {
    SIGNALBOX_TRY(const Json* right, value_of(term.parts[1], here));
    SIGNALBOX_TRY(const Json* left, value_of(term.parts[0], here));
    SIGNALBOX_TRY(const int order, compare(*left, *right));
    return &constant(holds(term.text, order));
  }

  Value joined(const PlainTerm& term, const Json& here) {
    const bool decides = term.kind == Kind::either;  // the value after which nobody asks on
    for (const PlainTerm& part : term.parts) {
      SIGNALBOX_TRY(const Json* value, value_of(part, here));
      if (is_truthy(*value) == decides) return &constant(decides);
    }
    return &constant(!decides);
  }

  Value among(const PlainTerm& term, const Json& here) {
    SIGNALBOX_TRY(const Json* value, value_of(term.parts[0], here));
    for (std::size_t i = 1; i < term.parts.size(); ++i) {
      SIGNALBOX_TRY(const int order, compare(*value, term.parts[i].literal));
      if (order == 0) return &constant(true);
    }
    return &constant(false);
  }

  std::vector<const Json*>* read_;
};

// One path of a variant, put back where it goes out of scope.
class Change {
 public:
  Change(Json& root, const Json& path, const std::optional<Json>& value) {
    if (value) {
      place_ = const_cast<Json*>(find_place(root, path));
      if (place_ != nullptr) kept_ = std::exchange(*place_, *value);
    } else {
      take_out(root, path);
    }
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  ~Change() {
    if (place_ != nullptr) *place_ = std::move(kept_);
    if (parent_ != nullptr) {
      Json::Object& members = parent_->members();
      members.insert(members.begin() + position_, {std::move(name_), std::move(kept_)});
    }
  }

  bool is_made() const { return place_ != nullptr || parent_ != nullptr; }

 private:
  void take_out(Json& root, const Json& path) {
    if (path.size() == 0 || !path.items().back().is_string()) return;
    const Json above(Json::Array(path.items().begin(), path.items().end() - 1));
    auto* parent = const_cast<Json*>(find_place(root, above));
    if (parent == nullptr || !parent->is_object()) return;
    Json::Object& members = parent->members();
    const auto found = std::find_if(members.begin(), members.end(), [&](const Json::Member& one) {
      return one.first == path.items().back().as_string();
    });
    if (found == members.end()) return;
    parent_ = parent;
    position_ = found - members.begin();
    name_ = std::move(found->first);
    kept_ = std::move(found->second);
    members.erase(found);
  }

  Json* place_ = nullptr;   // where a value was replaced
  Json* parent_ = nullptr;  // from which a member was taken
  std::ptrdiff_t position_ = 0;
  std::string name_;
  Json kept_;
};

std::optional<Answer> change_and_ask(const PlainCondition& condition, Json& input, const Variant& variant,
                                     std::size_t next) {
  if (next == variant.paths.size()) return condition.evaluate(input);
  const Change change(input, variant.paths[next], variant.value);
  if (!change.is_made()) return std::nullopt;
  return change_and_ask(condition, input, variant, next + 1);
}

}  // namespace

std::optional<Answer> PlainCondition::evaluate(const Json& input, std::vector<const Json*>* read) const {
  const Value value = Walk(read).value_of(root_, input);
  if (!value && value.error().kind == ErrorKind::unavailable) return std::nullopt;
  if (!value) return Answer{Answer::Kind::error, value.error().message};
  if ((*value)->is_bool())
    return Answer{(*value)->as_bool() ? Answer::Kind::yes : Answer::Kind::no, std::string()};
  return Answer{Answer::Kind::not_boolean, "it gave a value of type " + type_of(**value)};
}

const Json* find_place(const Json& root, const Json& path) {
  const Json* value = &root;
  for (const Json& step : path.items()) {
    if (step.is_string()) {
      value = value->find(step.as_string());
    } else {
      const auto position = static_cast<std::size_t>(step.as_integer(-1));
      value = position < value->items().size() ? &value->items()[position] : nullptr;
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

std::optional<Answer> evaluate_variant(const PlainCondition& condition, Json& input, const Variant& variant) {
  return change_and_ask(condition, input, variant, 0);
}

}  // namespace signalbox::gates
