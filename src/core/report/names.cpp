#include "core/report/report.hpp"

namespace signalbox {

std::optional<Format> format_from(std::string_view name) {
  for (const Format format :
       {Format::text, Format::json, Format::md, Format::html, Format::sarif, Format::junit}) {
    if (name == name_of(format)) return format;
  }
  return std::nullopt;
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::text:
      return "text";
    case Format::json:
      return "json";
    case Format::md:
      return "md";
    case Format::html:
      return "html";
    case Format::sarif:
      return "sarif";
    case Format::junit:
      return "junit";
  }
  return "text";
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::none:
      return "none";
    case Verdict::pass:
      return "pass";
    case Verdict::warn:
      return "warn";
    case Verdict::fail:
      return "fail";
  }
  return "none";
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "note";
}

std::string_view name_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "plain";
    case Tone::good:
      return "good";
    case Tone::bad:
      return "bad";
    case Tone::caution:
      return "caution";
    case Tone::quiet:
      return "quiet";
  }
  return "plain";
}

std::string_view media_type_of(Format format) {
  switch (format) {
    case Format::text:
      return "text/plain; charset=utf-8";
    case Format::json:
      return "application/json";
    case Format::md:
      return "text/markdown; charset=utf-8";
    case Format::html:
      return "text/html; charset=utf-8";
    case Format::sarif:
      return "application/sarif+json";
    case Format::junit:
      return "application/xml";
  }
  return "text/plain";
}

std::string render(const Report& report, Format format, const TextStyle& style) {
  switch (format) {
    case Format::text:
      return render_text(report, style);
    case Format::json:
      return render_json(report);
    case Format::md:
      return render_markdown(report);
    case Format::html:
      return render_html(report);
    case Format::sarif:
      return render_sarif(report);
    case Format::junit:
      return render_junit(report);
  }
  return {};
}

}  // namespace signalbox
