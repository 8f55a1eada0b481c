#include "instruments/profile/analysis/waits.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/value_text.hpp"
#include "instruments/profile/model/marks.hpp"
#include "instruments/profile/model/modules.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kNameColumnsMax = 60;

// The C library and its loader: programs wait in them for reasons of their own.
bool is_of_c_library(std::string_view module) {
  static constexpr std::string_view kNames[] = {"libc.so",  "libc-",   "libc.musl", "libpthread",
                                                "ld-linux", "ld-musl", "ld.so",     "[vdso]"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return module.starts_with(name); });
}

// Reads the stacks of one profile.
class Places {
 public:
  explicit Places(const Profile& profile)
      : profile_(profile), table_(Modules::told_apart), of_frame_(table_.add(profile)) {}

  WaitsOfPlace place_of(StackId stack) const {
    std::vector<FrameId> frames;  // leaf first
    for (; stack != 0; stack = profile_.stacks[stack].parent) frames.push_back(profile_.stacks[stack].frame);
    const auto mark =
        std::find_if(frames.begin(), frames.end(), [&](FrameId frame) { return is_woken_by(frame); });
    WaitsOfPlace out;
    std::span<const FrameId> own(frames);
    if (mark != frames.end()) {
      out.woken_by = waker_of({frames.begin(), mark});
      own = {mark + 1, frames.end()};
    }
    out.in = waited_in(own);
    const auto first = first_of_program(own.begin(), own.end());
    out.function = table_[first == own.end() ? kUnknownFunction : of_frame_[*first]];
    return out;
  }

 private:
  const Frame& frame(FrameId id) const { return profile_.frames[id]; }
  bool is_synthetic(FrameId id) const { return frame(id).kind == FrameKind::synthetic; }
  bool is_woken_by(FrameId id) const { return is_synthetic(id) && profile_.name_of_frame(id) == kWokenBy; }
  bool is_of_program(FrameId id) const { return !is_synthetic(id) && frame(id).kind != FrameKind::kernel; }

  bool is_line_of_python(FrameId id) const { return frame(id).kind == FrameKind::interpreted; }

  // The first function of the program itself; of the C library where there is none else. Above what belongs
  // to an interpreter, or has no name, the function of Python that called it says more.
  template <class Iterator>
  Iterator first_of_program(Iterator begin, Iterator end) const {
    const auto found = std::find_if(begin, end, [&](FrameId id) {
      return is_of_program(id) && !is_of_c_library(profile_.module_of(frame(id)));
    });
    if (found == end) return std::find_if(begin, end, [&](FrameId id) { return is_of_program(id); });
    const auto own = std::find_if(found, end, [&](FrameId id) {
      return is_of_program(id) && frame(id).function != 0 && !is_of_python(profile_.module_of(frame(id)));
    });
    return own != end && is_line_of_python(*own) ? own : found;
  }

  // `leaf_first`: what waited, with what is said of its wait at its beginning.
  std::string waited_in(std::span<const FrameId> leaf_first) const {
    if (leaf_first.empty()) return "[unknown]";
    const std::string& last = table_[of_frame_[leaf_first.front()]].name;
    if (!is_synthetic(leaf_first.front()) || last.starts_with("[waits for") || leaf_first.size() == 1)
      return last;
    return fmt::format("{} {}", table_[of_frame_[leaf_first[1]]].name, last);
  }

  // `frames`: the waker's stack, root first, and then the name of its thread.
  std::string waker_of(std::span<const FrameId> frames) const {
    if (frames.empty()) return {};
    std::string thread = table_[of_frame_[frames.back()]].name;
    const auto found = first_of_program(frames.rbegin() + 1, frames.rend());
    if (found == frames.rend()) return thread;
    return fmt::format("{}: {}", thread, table_[of_frame_[*found]].name);
  }

  const Profile& profile_;
  IdentityTable table_;
  std::vector<IdentityId> of_frame_;
};

Table table_of(const std::vector<WaitsOfPlace>& waits, std::size_t rows_max) {
  constexpr auto kRight = Column::Align::right;
  const bool has_wakers = std::any_of(waits.begin(), waits.end(),
                                      [](const WaitsOfPlace& each) { return !each.woken_by.empty(); });
  double total = 0;
  for (const WaitsOfPlace& each : waits) total += static_cast<double>(each.waited_ns);
  Table out;
  out.title = "Waits";
  out.columns = {{"time", kRight}, {"%", kRight}, {"waits", kRight}, {"function"}, {"waits in"}};
  if (has_wakers) out.columns.push_back({"woken by"});
  for (std::size_t i = 0; i < std::min(rows_max, waits.size()); ++i) {
    const WaitsOfPlace& each = waits[i];
    const double waited = static_cast<double>(each.waited_ns);
    std::vector<Cell> row = {{value_text(waited, "nanoseconds")},
                             {percent_text(total > 0 ? waited / total : 0), Tone::quiet},
                             {value_text(static_cast<double>(each.count), "count")},
                             {cut_to_width(each.function.name, kNameColumnsMax)},
                             {cut_to_width(each.in, kNameColumnsMax)}};
    if (has_wakers) row.emplace_back(cut_to_width(each.woken_by, kNameColumnsMax));
    out.rows.push_back(std::move(row));
  }
  if (waits.size() > rows_max) {
    std::vector<Cell> rest(out.columns.size());
    rest[3] = Cell(fmt::format("… and {} more", waits.size() - rows_max), Tone::quiet);
    out.rows.push_back(std::move(rest));
  }
  return out;
}

}  // namespace

std::vector<WaitsOfPlace> waits_of(const Profile& profile) {
  const std::size_t off = find_value(profile, "offcpu");
  if (off >= profile.value_types.size()) return {};
  const std::size_t counts = find_value(profile, "samples");
  const Places places(profile);
  std::vector<std::pair<std::int64_t, std::int64_t>> by_stack(profile.stacks.size());  // time and count
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const auto row = profile.values_of(i);
    if (row[off] <= 0) continue;
    auto& [waited, count] = by_stack[profile.samples[i].stack];
    waited = saturating_sum(waited, row[off]);
    count = saturating_sum(count, counts < profile.value_types.size() ? row[counts] : 1);
  }
  std::map<std::tuple<FunctionIdentity, std::string, std::string>, WaitsOfPlace> found;
  for (StackId stack = 0; stack < by_stack.size(); ++stack) {
    const auto [waited, count] = by_stack[stack];
    if (waited == 0) continue;
    WaitsOfPlace place = places.place_of(stack);
    WaitsOfPlace& sum =
        found.try_emplace({place.function, place.in, place.woken_by}, std::move(place)).first->second;
    sum.waited_ns = saturating_sum(sum.waited_ns, waited);
    sum.count = saturating_sum(sum.count, count);
  }
  std::vector<WaitsOfPlace> out;
  for (auto& [key, place] : found) out.push_back(std::move(place));
  std::stable_sort(out.begin(), out.end(),
                   [](const WaitsOfPlace& a, const WaitsOfPlace& b) { return a.waited_ns > b.waited_ns; });
  return out;
}

void add_waits(Report& report, const Profile& profile, std::size_t value, std::size_t rows_max) {
  const std::string& type = profile.value_types[value].type;
  if (type != "offcpu" && type != "wall") return;
  const std::vector<WaitsOfPlace> waits = waits_of(profile);
  if (waits.empty()) return;
  report.tables.insert(report.tables.begin(), table_of(waits, rows_max));
  Json all = Json::array();
  for (const WaitsOfPlace& each : waits)
    all.push_back(Json::object({{"function", each.function.name},
                                {"module", each.function.module},
                                {"in", each.in},
                                {"woken_by", each.woken_by},
                                {"ns", each.waited_ns},
                                {"count", each.count}}));
  report.data.set("waits", std::move(all));
}

}  // namespace signalbox::profile
