#include "instruments/pack/read/thpack.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/read/tables.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

constexpr std::int64_t kMaxProblems = 10'000;

// The whole numbers of a text, in turn.
class Numbers {
 public:
  Numbers(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Result<std::int64_t> next(std::string_view what, std::int64_t low, std::int64_t high) {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_blank(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty())
      return fail(ErrorKind::bad_input, fmt::format("{}:{}: it ends where {} should be", name_, line_, what));
    const auto value = parse_integer(word);
    if (!value || *value < low || *value > high)
      return fail(ErrorKind::bad_input, fmt::format("{}:{}: '{}' where {}, {} to {}, should be", name_, line_,
                                                    printable(word.substr(0, 40)), what, low, high));
    return *value;
  }
  bool more_on_this_line() const {
    const std::size_t word = text_.find_first_not_of(" \t\r", at_);
    return word != std::string_view::npos && text_[word] != '\n';
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  std::string place() const { return fmt::format("{}:{}", name_, line_); }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  void skip_blanks() {
    for (; at_ < text_.size() && is_blank(text_[at_]); ++at_)
      if (text_[at_] == '\n') ++line_;
  }

  std::string_view text_;
  std::string_view name_;
  std::size_t at_ = 0;
  int line_ = 1;
};

Result<Item> read_type(Numbers& numbers, Length unit) {
  Item out;
  const std::int64_t longest = kMaxLength / unit;
  SIGNALBOX_TRY(const std::int64_t id, numbers.next("the number of a type", 0, 1'000'000));
  out.sku = fmt::format("{}", id);
  std::array<bool, 3> upright{};
  for (std::size_t i = 0; i < 3; ++i) {
    SIGNALBOX_TRY(const std::int64_t side, numbers.next("a side", 1, longest));
    SIGNALBOX_TRY(const std::int64_t flag, numbers.next("a flag", 0, 1));
    out.size[i] = side * unit;
    upright[i] = flag == 1;
  }
  out.turns = turns_with_vertical(upright);
  SIGNALBOX_TRY(out.quantity, numbers.next("a quantity", 1, kMaxQuantity));
  if (out.turns == 0)
    return fail(ErrorKind::bad_input, numbers.place() + ": none of the sides may stand upright");
  return out;
}

}  // namespace

Result<std::vector<LoadingProblem>> read_thpack(std::string_view text, std::string_view name,
                                                LengthUnit unit) {
  Numbers numbers(text, name);
  const Length ticks = ticks_in(unit);
  SIGNALBOX_TRY(const std::int64_t problems, numbers.next("the number of problems", 1, kMaxProblems));
  std::vector<LoadingProblem> out;
  for (std::int64_t i = 0; i < problems; ++i) {
    LoadingProblem problem;
    SIGNALBOX_TRY(const std::int64_t number, numbers.next("the number of a problem", 0, 1'000'000'000));
    if (numbers.more_on_this_line()) SIGNALBOX_CHECK(numbers.next("the seed", 0, INT64_MAX));
    problem.order.id = fmt::format("{}", number);
    problem.container.sku = "container";
    for (Length& side : problem.container.inner) {
      SIGNALBOX_TRY(side, numbers.next("a side of the container", 1, kMaxLength / ticks));
      side *= ticks;
    }
    problem.container.outer = problem.container.inner;
    SIGNALBOX_TRY(const std::int64_t types,
                  numbers.next("the number of types", 1, static_cast<std::int64_t>(kMaxTypes)));
    for (std::int64_t type = 0; type < types; ++type) {
      SIGNALBOX_TRY(Item item, read_type(numbers, ticks));
      problem.order.items.push_back(std::move(item));
    }
    if (auto sound = check_order(problem.order); !sound) return fail_in(numbers.place(), sound.error());
    out.push_back(std::move(problem));
  }
  if (!numbers.at_end())
    return fail(ErrorKind::bad_input, numbers.place() + ": something stands behind the last problem");
  return out;
}

}  // namespace signalbox::pack
