// Metrics of a canary that lie in files. A metric's name says which columns are its own: NAME_requests and
// NAME_bad for counts, NAME for values; of a latency each value is taken for one request.
#pragma once

#include <memory>

#include "instruments/train/judges/metrics_source.hpp"
#include "instruments/train/judges/series_reader.hpp"

namespace signalbox::train::judges {

inline constexpr std::string_view kRequestsSuffix = "_requests";
inline constexpr std::string_view kBadSuffix = "_bad";
inline constexpr std::size_t kFewestForQuantile = 20;  // values of a baseline that say where slow begins

std::unique_ptr<MetricsSource> make_file_source(SeriesTable baseline, SeriesTable canary);

}  // namespace signalbox::train::judges
