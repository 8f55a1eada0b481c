// What a live table shows and does at keys: a value without a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "instruments/profile/analysis/name_pattern.hpp"
#include "instruments/profile/live/heavy_stacks.hpp"
#include "instruments/profile/live/interval.hpp"
#include "instruments/profile/live/key_reader.hpp"
#include "instruments/profile/live/terminal.hpp"

namespace signalbox::profile {

class TopView {
 public:
  TopView(std::string target, TopOrder order) : target_(std::move(target)), order_(order) {}

  // The interval to show from now on. `profile` has its samples, and stays until the next call.
  void show(const Interval& interval, const Profile& profile);
  enum class Wish { none, quit };
  Wish press(const Key& key);
  bool is_paused() const { return is_paused_; }
  // Lines of the terminal, with marks for bold and reversed text; none is wider than the terminal.
  std::vector<std::string> draw(const TerminalSize& size) const;

 private:
  enum class Mode { table, filter, stacks };
  Wish press_in_filter(const Key& key);
  void move(std::ptrdiff_t by);
  void scroll(std::ptrdiff_t by);
  void choose_rows();
  void find_stacks();
  void add_table(std::vector<std::string>& lines, const TerminalSize& size) const;
  void add_stacks(std::vector<std::string>& lines, const TerminalSize& size) const;
  std::string help() const;

  std::string target_;
  TopOrder order_;
  Mode mode_ = Mode::table;
  bool is_paused_ = false;
  std::optional<Interval> interval_;
  const Profile* profile_ = nullptr;
  std::string filter_;
  std::optional<NamePattern> pattern_;  // of the filter, where it is a regular expression
  std::vector<const TopRow*> rows_;     // of interval_, that the filter leaves, in order
  std::size_t chosen_ = 0;
  FunctionIdentity opened_;  // Mode::stacks: whose
  std::vector<HeavyStack> stacks_;
  std::size_t scrolled_ = 0;  // Mode::stacks: lines
};

}  // namespace signalbox::profile
