#include <charconv>
#include <cmath>
#include <memory>

#include <expat.h>
#include <fmt/core.h>

#include "commands/evidence/readers/readers.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

constexpr int kMaxDepth = 64;
constexpr double kMaxSeconds = 1e9;

std::string_view attribute(const XML_Char** attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (name == attributes[0]) return attributes[1];
  }
  return {};
}

// What the parser's callbacks share. A test case is judged at its end: one with several failures is one
// failed test.
struct Reading {
  enum class Outcome { passed, skipped, failed, error };
  XML_Parser parser = nullptr;
  TestResults results;
  std::string wrong;  // what ended the reading
  int depth = 0;
  bool in_case = false;
  Outcome outcome = Outcome::passed;
  std::string name;
  double seconds = 0;

  void stop(std::string why) {
    wrong = std::move(why);
    XML_StopParser(parser, XML_FALSE);
  }

  void begin(std::string_view element, const XML_Char** attributes) {
    if (++depth > kMaxDepth) return stop(fmt::format("nested deeper than {} elements", kMaxDepth));
    if (depth == 1) {
      if (element != "testsuites" && element != "testsuite")
        stop("not a JUnit report: its root is no testsuites or testsuite");
      results.tool = std::string(attribute(attributes, "name"));
    } else if (element == "testcase") {
      begin_case(attributes);
    } else if (in_case) {
      if (element == "error") outcome = Outcome::error;
      if (element == "failure" && outcome != Outcome::error) outcome = Outcome::failed;
      if (element == "skipped" && outcome == Outcome::passed) outcome = Outcome::skipped;
    }
  }

  void begin_case(const XML_Char** attributes) {
    if (in_case) return stop("a testcase inside a testcase");
    in_case = true;
    outcome = Outcome::passed;
    const std::string_view group = attribute(attributes, "classname");
    name = std::string(group) + (group.empty() ? "" : ".") + std::string(attribute(attributes, "name"));
    const std::string_view time = attribute(attributes, "time");
    double value = 0;
    if (std::from_chars(time.data(), time.data() + time.size(), value).ec == std::errc() && value >= 0 &&
        value < kMaxSeconds) {
      seconds += value;
    }
  }

  void end(std::string_view element) {
    --depth;
    if (element != "testcase") return;
    in_case = false;
    ++results.tests;
    if (outcome == Outcome::skipped) ++results.skipped;
    if (outcome == Outcome::failed) ++results.failures;
    if (outcome == Outcome::error) ++results.errors;
    if ((outcome == Outcome::failed || outcome == Outcome::error) &&
        results.failed.size() < kMaxFailedNames) {
      results.failed.push_back(name.substr(0, 512));
    }
  }
};

void on_begin(void* data, const XML_Char* element, const XML_Char** attributes) {
  static_cast<Reading*>(data)->begin(element, attributes);
}
void on_end(void* data, const XML_Char* element) {
  static_cast<Reading*>(data)->end(element);
}
// No declaration, hence no entity but the five of XML: nothing to blow up, nothing outside to fetch.
void on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<Reading*>(data)->stop("a document type declaration is not read");
}

struct ParserFreer {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

Result<TestResults> read_junit(std::string_view xml) {
  if (xml.size() > kMaxReportBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("a report of {} bytes; at most {} are read", xml.size(), kMaxReportBytes));
  }
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserFreer> parser(XML_ParserCreate(nullptr));
  if (!parser) return fail(ErrorKind::unavailable, "not enough memory to read this XML");
  Reading reading;
  reading.parser = parser.get();
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), on_begin, on_end);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE) != XML_STATUS_OK) {
    const std::string why =
        reading.wrong.empty() ? XML_ErrorString(XML_GetErrorCode(parser.get())) : reading.wrong;
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", XML_GetCurrentLineNumber(parser.get()),
                                                  XML_GetCurrentColumnNumber(parser.get()) + 1, why));
  }
  reading.results.duration_ms = std::llround(reading.seconds * 1000);
  return std::move(reading.results);
}

}  // namespace signalbox::evidence_command
