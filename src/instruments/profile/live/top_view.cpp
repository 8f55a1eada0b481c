#include "instruments/profile/live/top_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/value_text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kStacks = 5;       // of a function
constexpr std::size_t kHeadLines = 4;    // above the rows
constexpr std::size_t kPage = 10;        // rows that a page key goes
constexpr std::size_t kMaxFilter = 200;  // octets

std::string bold(const std::string& text) {
  return "\x1b[1m" + text + "\x1b[0m";
}
std::string reversed(const std::string& text) {
  return "\x1b[7m" + text + "\x1b[0m";
}

// One line of the terminal: no control characters, and not wider than it.
std::string line_of(std::string_view text, std::size_t columns) {
  std::string clean = printable(text);
  std::replace(clean.begin(), clean.end(), '\n', ' ');
  std::replace(clean.begin(), clean.end(), '\t', ' ');
  return cut_to_width(clean, columns);
}

std::string row_text(std::string_view self, std::string_view self_interval, std::string_view cum,
                     std::string_view cum_interval, std::string_view function, std::string_view module) {
  // Intervals have a dash that is more octets than columns.
  const auto padded = [](std::string_view text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return std::string(width < columns ? columns - width : 0, ' ') + std::string(text);
  };
  std::string out =
      padded(self, 7) + padded(self_interval, 14) + padded(cum, 8) + padded(cum_interval, 14) + "  ";
  out += function;
  if (!module.empty()) out += fmt::format("  [{}]", module);
  return out;
}

}  // namespace

void TopView::show(const Interval& interval, const Profile& profile) {
  interval_ = interval;
  profile_ = &profile;
  choose_rows();
  if (mode_ == Mode::stacks) find_stacks();
}

void TopView::choose_rows() {
  rows_.clear();
  if (!interval_) return;
  const std::string wanted = to_lower(filter_);
  for (const TopRow& row : interval_->top.rows) {
    const bool is_wanted =
        filter_.empty() ||
        (pattern_ ? pattern_->matches(row.function.name) || pattern_->matches(row.function.module)
                  : to_lower(row.function.name).find(wanted) != std::string::npos);
    if (is_wanted) rows_.push_back(&row);
  }
  const std::size_t value = interval_->top.value;
  const auto key = [&](const TopRow* row) {
    return order_ == TopOrder::self ? std::pair(row->self[value], row->cumulative[value])
                                    : std::pair(row->cumulative[value], row->self[value]);
  };
  std::stable_sort(rows_.begin(), rows_.end(),
                   [&](const TopRow* a, const TopRow* b) { return key(a) > key(b); });
  move(0);
}

void TopView::move(std::ptrdiff_t by) {
  const auto last = static_cast<std::ptrdiff_t>(rows_.size()) - 1;
  const std::ptrdiff_t wanted = static_cast<std::ptrdiff_t>(chosen_) + by;
  chosen_ = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, std::min(wanted, last)));
}

void TopView::find_stacks() {
  stacks_ = heaviest_stacks(*profile_, interval_->top.value, opened_, kStacks);
  scroll(0);
}

// The last line stays in sight.
void TopView::scroll(std::ptrdiff_t by) {
  std::ptrdiff_t lines = 0;
  for (const HeavyStack& stack : stacks_) lines += 1 + static_cast<std::ptrdiff_t>(stack.names.size());
  const std::ptrdiff_t wanted = static_cast<std::ptrdiff_t>(scrolled_) + by;
  scrolled_ = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, std::min(wanted, lines - 1)));
}

TopView::Wish TopView::press_in_filter(const Key& key) {
  switch (key.kind) {
    case Key::Kind::interrupt:
      return Wish::quit;
    case Key::Kind::enter:
      mode_ = Mode::table;
      return Wish::none;
    case Key::Kind::escape:
      mode_ = Mode::table;
      filter_.clear();
      break;
    case Key::Kind::erase:
      while (!filter_.empty() && (static_cast<unsigned char>(filter_.back()) & 0xc0) == 0x80)
        filter_.pop_back();
      if (!filter_.empty()) filter_.pop_back();
      break;
    case Key::Kind::text:
      if (filter_.size() < kMaxFilter) filter_ += key.text;
      break;
    default:
      return Wish::none;
  }
  const auto compiled = NamePattern::compile(filter_);
  pattern_ = compiled ? std::optional(*compiled) : std::nullopt;
  choose_rows();
  return Wish::none;
}

TopView::Wish TopView::press(const Key& key) {
  if (mode_ == Mode::filter) return press_in_filter(key);
  constexpr auto kFar = static_cast<std::ptrdiff_t>(1) << 30;
  const bool in_stacks = mode_ == Mode::stacks;
  const auto go = [&](std::ptrdiff_t by) {
    if (in_stacks)
      scroll(by);
    else
      move(by);
  };
  switch (key.kind) {
    case Key::Kind::interrupt:
      return Wish::quit;
    case Key::Kind::up:
      go(-1);
      break;
    case Key::Kind::down:
      go(1);
      break;
    case Key::Kind::page_up:
      go(-static_cast<std::ptrdiff_t>(kPage));
      break;
    case Key::Kind::page_down:
      go(static_cast<std::ptrdiff_t>(kPage));
      break;
    case Key::Kind::home:
      go(-kFar);
      break;
    case Key::Kind::end:
      if (!in_stacks) go(kFar);
      break;
    case Key::Kind::enter:
      if (in_stacks || rows_.empty()) break;
      opened_ = rows_[chosen_]->function;
      mode_ = Mode::stacks;
      scrolled_ = 0;
      find_stacks();
      break;
    case Key::Kind::escape:
    case Key::Kind::erase:
      mode_ = Mode::table;
      break;
    case Key::Kind::text:
      if (key.text == "q") {
        if (!in_stacks) return Wish::quit;
        mode_ = Mode::table;
      }
      if (key.text == "p") is_paused_ = !is_paused_;
      if (key.text == "/") mode_ = Mode::filter;
      if (key.text == " ") {
        order_ = order_ == TopOrder::self ? TopOrder::cumulative : TopOrder::self;
        choose_rows();
      }
      break;
  }
  return Wish::none;
}

std::string TopView::help() const {
  switch (mode_) {
    case Mode::filter:
      return fmt::format("/{}_   Enter keeps it, Esc clears it", filter_);
    case Mode::stacks:
      return "q or Esc goes back, arrows scroll, p pauses";
    case Mode::table:
      break;
  }
  return fmt::format("q quits, / filters{}, arrows and Enter show stacks, space orders by {}, p {}",
                     filter_.empty() ? "" : fmt::format(" ({})", filter_),
                     order_ == TopOrder::self ? "cum" : "own", is_paused_ ? "goes on" : "pauses");
}

std::vector<std::string> TopView::draw(const TerminalSize& size) const {
  std::vector<std::string> out;
  const std::string time = interval_
                               ? fmt::format(", {:.0f} s", static_cast<double>(interval_->elapsed_ns) * 1e-9)
                               : std::string();
  out.push_back(
      bold(line_of(fmt::format("{}{}{}", target_, time, is_paused_ ? ", paused" : ""), size.columns)));
  const std::string state = !interval_                ? "the first interval is being sampled"
                            : interval_->samples == 0 ? interval_->mode == profile::Mode::cpu
                                                            ? "idle: not one sample in this interval"
                                                            : "not one wait in this interval"
                                                      : state_line(*interval_);
  out.push_back(line_of(state, size.columns));
  out.push_back(line_of(help(), size.columns));
  if (mode_ == Mode::stacks)
    add_stacks(out, size);
  else
    add_table(out, size);
  if (out.size() > size.rows) out.resize(size.rows);
  return out;
}

void TopView::add_table(std::vector<std::string>& lines, const TerminalSize& size) const {
  const bool by_self = order_ == TopOrder::self;
  lines.push_back(bold(line_of(
      row_text(by_self ? "▾own %" : "own %", "95 %", by_self ? "cum %" : "▾cum %", "95 %", "function", {}),
      size.columns)));
  const std::size_t room = size.rows > kHeadLines ? size.rows - kHeadLines : 0;
  const std::size_t first = chosen_ >= room ? chosen_ - room + 1 : 0;
  for (std::size_t i = first; i < rows_.size() && i < first + room; ++i) {
    const TopRow& row = *rows_[i];
    const std::string text = line_of(
        row_text(percent_text(row.self_share.share), interval_text(row.self_share.interval),
                 percent_text(row.cumulative_share.share), interval_text(row.cumulative_share.interval),
                 row.function.name, row.function.module),
        size.columns);
    lines.push_back(i == chosen_ ? reversed(text) : text);
  }
}

void TopView::add_stacks(std::vector<std::string>& lines, const TerminalSize& size) const {
  lines.push_back(
      bold(line_of(fmt::format("Heaviest stacks with {}, callers below", opened_.name), size.columns)));
  std::vector<std::string> all;
  const std::int64_t total = interval_ ? interval_->top.totals[interval_->top.value] : 0;
  for (const HeavyStack& stack : stacks_) {
    all.push_back(bold(
        line_of(percent_text(total > 0 ? static_cast<double>(stack.value) / static_cast<double>(total) : 0),
                size.columns)));
    for (const std::string& name : stack.names) all.push_back(line_of("    " + name, size.columns));
  }
  if (stacks_.empty()) all.push_back(line_of("none in this interval", size.columns));
  for (std::size_t i = scrolled_; i < all.size(); ++i) lines.push_back(all[i]);
}

}  // namespace signalbox::profile
