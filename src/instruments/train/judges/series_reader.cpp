#include "instruments/train/judges/series_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/json_place.hpp"
#include "core/base/text.hpp"
#include "core/proto/prometheus_answer.hpp"
#include "instruments/train/judges/csv.hpp"

namespace signalbox::train::judges {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kMaxTime_s = 253'402'300'799;  // the year 9999
constexpr std::size_t kMaxDepth = 16;
constexpr std::string_view kTime = "time";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Time> time_of(double seconds) {
  if (!(seconds >= 0 && seconds <= kMaxTime_s)) return std::nullopt;
  return Time(Duration(std::llround(seconds * 1000)));
}

std::optional<Time> time_in(std::string_view text) {
  if (const auto seconds = number_in(text)) return time_of(*seconds);
  const auto time = parse_rfc3339(text);
  return time ? std::optional(*time) : std::nullopt;
}

// Grows row by row; each function tells what is wrong, or nothing.
class Builder {
 public:
  std::string begin_row(std::optional<Time> time) {
    if (!time) return "no time: RFC 3339, or seconds since 1970";
    if (!table.times.empty() && *time <= table.times.back()) return "the times do not rise";
    table.times.push_back(*time);
    for (SeriesColumn& column : table.columns) column.values.push_back(kNothing);
    if (table.times.size() * table.columns.size() > kMaxSeriesCells) return "more values than can be held";
    return {};
  }

  std::string add_column(std::string_view name) {
    if (name.empty()) return "a column without a name";
    if (table.columns.size() == kMaxSeriesColumns)
      return fmt::format("more than {} columns", kMaxSeriesColumns);
    if (!index_.emplace(name, table.columns.size()).second) {
      return fmt::format("the column `{}` is there already", printable(name));
    }
    table.columns.push_back({std::string(name), std::vector<double>(table.times.size(), kNothing)});
    return {};
  }

  // Of the newest row.
  std::string set(std::string_view name, double value) {
    auto found = index_.find(name);
    if (found == index_.end()) {
      if (std::string wrong = add_column(name); !wrong.empty()) return wrong;
      found = index_.find(name);
    }
    table.columns[found->second].values.back() = value;
    return {};
  }

  SeriesTable table;

 private:
  std::map<std::string, std::size_t, std::less<>> index_;
};

// Member functions return what is wrong, with its place in front.
class Reader {
 public:
  Reader(std::string_view octets, std::string_view name) : octets_(octets), name_(name) {
    if (octets_.starts_with(kByteOrderMark)) octets_.remove_prefix(kByteOrderMark.size());
  }

  Result<SeriesTable> read() {
    if (octets_.size() > kMaxSeriesBytes) return at({1, 1}, "the file is too large");
    const std::string_view text = trim(octets_);
    Status status = text.starts_with('{') ? prometheus() : text.starts_with('[') ? json() : csv();
    if (!status) return fail(std::move(status).error());
    if (builder_.table.times.empty()) return at(end(), "it has no rows");
    if (builder_.table.columns.empty()) return at({1, 1}, "it has no column but the time");
    return std::move(builder_.table);
  }

 private:
  TextPlace end() const { return place_of(octets_, octets_.size()); }

  tl::unexpected<Error> at(const TextPlace& place, std::string_view what) const {
    return fail(ErrorKind::bad_input, fmt::format("{}:{}:{}: {}", name_, place.line, place.column, what));
  }

  Status csv() {
    CsvScanner scanner(octets_);
    std::vector<std::string> names;
    const auto wrong = [&](const CsvField& field, std::string_view what) {
      return at(place_of(octets_, field.offset), what);
    };
    for (std::vector<CsvField> row; scanner.next(row);) {
      for (const CsvField& field : row) {
        if (!field.objection.empty()) return wrong(field, field.objection);
      }
      if (names.empty()) {
        if (row.front().text != kTime) return wrong(row.front(), "the first column must be `time`");
        for (const CsvField& field : row) names.push_back(field.text);
        for (std::size_t i = 1; i < row.size(); ++i) {
          if (const std::string what = builder_.add_column(row[i].text); !what.empty())
            return wrong(row[i], what);
        }
        continue;
      }
      if (row.size() != names.size()) {
        return wrong(row.back(), fmt::format("{} fields; the first line has {}", row.size(), names.size()));
      }
      if (const std::string what = builder_.begin_row(time_in(row.front().text)); !what.empty()) {
        return wrong(row.front(), what);
      }
      for (std::size_t i = 1; i < row.size(); ++i) {
        const std::string_view text = row[i].text;
        if (text.empty() || to_lower(text) == "nan") continue;
        const auto value = number_in(text);
        if (!value) return wrong(row[i], fmt::format("`{}` is no number", printable(text.substr(0, 40))));
        builder_.set(names[i], *value);
      }
    }
    return {};
  }

  tl::unexpected<Error> in_json(const std::vector<JsonStep>& steps, std::string_view what) const {
    return at(place_in_json(octets_, steps), what);
  }

  Status json() {
    JsonLimits limits;
    limits.max_bytes = kMaxSeriesBytes;
    limits.max_depth = kMaxDepth;
    limits.exact_integers = false;
    const auto rows = parse_json(octets_, limits);
    if (!rows) return at(first_json_error(octets_, kMaxDepth), rows.error().message);
    for (std::size_t i = 0; i < rows->items().size(); ++i) {
      const Json& row = rows->items()[i];
      if (!row.is_object()) return in_json({i}, "a row is an object with a `time`");
      const Json& time = row[kTime];
      const std::optional<Time> parsed =
          time.is_number() ? time_of(time.as_number()) : time_in(time.as_string());
      if (const std::string what = builder_.begin_row(parsed); !what.empty()) {
        return in_json({i, std::string(kTime)}, what);
      }
      for (const auto& [name, value] : row.members()) {
        if (name == kTime) continue;
        const bool absent = value.is_null() || value.as_string() == "NaN";
        if (!value.is_number() && !absent) return in_json({i, name}, "a value is a number or null");
        const std::string what = builder_.set(name, absent ? kNothing : value.as_number());
        if (!what.empty()) return in_json({i, name}, what);
      }
    }
    return {};
  }

  static std::string name_of(const proto::PrometheusSeries& series) {
    for (const char* label : {"metric", "__name__"}) {
      if (const auto found = series.labels.find(label); found != series.labels.end()) return found->second;
    }
    std::vector<std::string> labels;
    for (const auto& [label, value] : series.labels) labels.push_back(fmt::format("{}=\"{}\"", label, value));
    return labels.empty() ? "value" : join(labels, ",");
  }

  Status prometheus() {
    auto answer = proto::read_prometheus_answer(octets_);
    if (!answer) {
      Error error = std::move(answer).error();
      error.message = fmt::format("{}:{}", name_, error.message);
      return fail(std::move(error));
    }
    std::set<Time> times;
    for (const proto::PrometheusSeries& series : *answer) {
      for (const proto::PrometheusSample& sample : series.samples) times.insert(sample.time);
    }
    for (const proto::PrometheusSeries& series : *answer) {
      if (const std::string what = builder_.add_column(name_of(series)); !what.empty())
        return at({1, 1}, what);
    }
    if (times.size() * answer->size() > kMaxSeriesCells) return at({1, 1}, "more values than can be held");
    builder_.table.times.assign(times.begin(), times.end());
    for (std::size_t i = 0; i < answer->size(); ++i) {
      std::vector<double>& values = builder_.table.columns[i].values;
      values.assign(times.size(), kNothing);
      for (const proto::PrometheusSample& sample : (*answer)[i].samples) {
        const auto place =
            std::lower_bound(builder_.table.times.begin(), builder_.table.times.end(), sample.time);
        values[static_cast<std::size_t>(place - builder_.table.times.begin())] = sample.value;
      }
    }
    return {};
  }

  std::string_view octets_;
  std::string_view name_;
  Builder builder_;
};

}  // namespace

const SeriesColumn* SeriesTable::find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const SeriesColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Result<SeriesTable> read_series(std::string_view octets, std::string_view name) {
  return Reader(octets, name).read();
}

}  // namespace signalbox::train::judges
