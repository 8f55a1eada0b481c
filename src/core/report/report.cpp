#include "core/report/report.hpp"

#include <utility>

namespace signalbox {

Cell::Cell() = default;
Cell::Cell(std::string value, Tone how) : text(std::move(value)), tone(how) {}
Cell::Cell(const char* value, Tone how) : text(value), tone(how) {}
Cell::Cell(const Cell& other) = default;
Cell::Cell(Cell&& other) noexcept = default;
Cell& Cell::operator=(const Cell& other) = default;
Cell& Cell::operator=(Cell&& other) noexcept = default;
Cell::~Cell() = default;

Report::Report() = default;
Report::Report(const Report& other) = default;
Report::Report(Report&& other) noexcept = default;
Report& Report::operator=(const Report& other) = default;
Report& Report::operator=(Report&& other) noexcept = default;
Report::~Report() = default;

}  // namespace signalbox
