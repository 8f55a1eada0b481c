// Any octets as figures over time: a table whose columns are as long as its rising times, or refused with
// line and column.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/judges/series_reader.hpp"

namespace judges = signalbox::train::judges;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = judges::read_series({reinterpret_cast<const char*>(data), size}, "f");
  if (!table) {
    if (!table.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  if (table->times.empty() || table->columns.empty()) std::abort();
  for (std::size_t i = 1; i < table->times.size(); ++i) {
    if (table->times[i] <= table->times[i - 1]) std::abort();
  }
  for (const judges::SeriesColumn& column : table->columns) {
    if (column.name.empty() || column.values.size() != table->times.size()) std::abort();
    if (table->find(column.name) != &column) std::abort();
  }
  return 0;
}
