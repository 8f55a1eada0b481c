#include "core/proto/prometheus_answer.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/json_place.hpp"
#include "core/base/text.hpp"

namespace signalbox::proto {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr double kMaxTime_s = 253'402'300'799;  // the year 9999
using Steps = std::vector<JsonStep>;

// Values are text, so that they may be "NaN", "+Inf" and "-Inf".
std::optional<double> number_of(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

class Reader {
 public:
  explicit Reader(std::string_view octets) : octets_(octets) {}

  Result<std::vector<PrometheusSeries>> read() {
    JsonLimits limits;
    limits.max_bytes = kMaxPrometheusBytes;
    limits.max_depth = kMaxDepth;
    limits.exact_integers = false;
    const auto answer = parse_json(octets_, limits);
    if (!answer) return fail(not_json(answer.error()));
    if ((*answer)["status"].as_string() == "error") return fail(refusal(*answer));
    const Json& data = (*answer)["data"];
    const std::string_view type = data["resultType"].as_string();
    const Json& result = data["result"];
    if (type == "scalar") {
      PrometheusSeries series;
      SIGNALBOX_CHECK(sample(result, {"data", "result"}, series));
      return std::vector{std::move(series)};
    }
    if (type != "matrix" && type != "vector") {
      return wrong("no answer of Prometheus: data.resultType is neither matrix, vector nor scalar",
                   {"data", "resultType"});
    }
    if (!result.is_array()) return wrong("data.result is no list", {"data", "result"});
    std::vector<PrometheusSeries> out;
    for (std::size_t i = 0; i < result.items().size(); ++i) {
      SIGNALBOX_TRY(PrometheusSeries series, one_series(result.items()[i], {"data", "result", i}));
      if (!series.samples.empty()) out.push_back(std::move(series));
    }
    return out;
  }

 private:
  Error not_json(Error error) const {
    const TextPlace place = first_json_error(octets_, kMaxDepth);
    error.message = fmt::format("{}:{}: {}", place.line, place.column, error.message);
    return error;
  }

  tl::unexpected<Error> wrong(std::string_view what, const Steps& steps) const {
    const TextPlace place = place_in_json(octets_, steps);
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", place.line, place.column, what));
  }

  static Error refusal(const Json& answer) {
    const std::string_view type = answer["errorType"].as_string("unknown");
    const bool ours = type == "bad_data" || type == "execution";
    return {ours ? ErrorKind::bad_input : ErrorKind::unavailable,
            fmt::format("Prometheus refuses the query ({}): {}", printable(type),
                        printable(answer["error"].as_string("it does not say why"))),
            {}};
  }

  Result<PrometheusSeries> one_series(const Json& json, const Steps& steps) {
    PrometheusSeries out;
    for (const auto& [name, value] : json["metric"].members()) {
      if (!value.is_string()) return wrong("a label's value is no text", steps);
      out.labels.emplace(name, value.as_string());
    }
    if (const Json* value = json.find("value")) {
      Steps at = steps;
      at.emplace_back("value");
      SIGNALBOX_CHECK(sample(*value, at, out));
    }
    const Json& values = json["values"];
    for (std::size_t i = 0; i < values.items().size(); ++i) {
      Steps at = steps;
      at.emplace_back("values");
      at.emplace_back(i);
      SIGNALBOX_CHECK(sample(values.items()[i], at, out));
    }
    return out;
  }

  Status sample(const Json& json, const Steps& steps, PrometheusSeries& into) {
    if (json.size() != 2 || !json.is_array() || !json.items()[0].is_number() ||
        !json.items()[1].is_string()) {
      return wrong("a sample is a list of a time and a value in quotes", steps);
    }
    const double time_s = json.items()[0].as_number();
    if (!(time_s >= 0 && time_s <= kMaxTime_s)) return wrong("the time is out of its range", steps);
    const auto value = number_of(json.items()[1].as_string());
    if (!value) return wrong("the value is no number", steps);
    const Time time{Duration(std::llround(time_s * 1000))};
    if (!into.samples.empty() && time <= into.samples.back().time) {
      return wrong("the times of a series do not rise", steps);
    }
    if (++samples_ > kMaxPrometheusSamples) return wrong("too many samples", steps);
    into.samples.push_back({time, *value});
    return {};
  }

  std::string_view octets_;
  std::size_t samples_ = 0;
};

}  // namespace

Result<std::vector<PrometheusSeries>> read_prometheus_answer(std::string_view octets) {
  return Reader(octets).read();
}

}  // namespace signalbox::proto
