#include "instruments/train/gating/scope_exception.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "instruments/train/gating/exception_book.hpp"

namespace signalbox::train {
namespace {

// As it was when an entry of the log relied on it.
gates::Exception as_of_then(gates::Exception exception) {
  exception.request.requester.fallen.clear();
  if (exception.approval) exception.approval->approver.fallen.clear();
  return exception;
}

}  // namespace

std::string exception_objection(const gates::ExceptionRules& rules, const NamedException& named) {
  const auto found = std::find_if(rules.all.begin(), rules.all.end(), [&](const gates::Exception& one) {
    return one.request.index == named.number;
  });
  if (found == rules.all.end()) return fmt::format("log #{} asks for no exception", named.number);
  const gates::ExceptionRequest& request = found->request;
  if (!request.scope.scope_lock)
    return fmt::format("exception {} is for {}, not for the scope lock", named.number,
                       text_of(request.scope));
  const gates::ExceptionTarget target = {std::nullopt, named.manifest, named.train};
  if (request.target != target)
    return fmt::format("exception {} is of {}, and this is {}", named.number, text_of(request.target),
                       text_of(target));
  if (named.entry && found->approval && found->approval->index >= *named.entry)
    return fmt::format("exception {} was approved afterwards", named.number);
  const auto breach = gates::breach_at(named.entry ? as_of_then(*found) : *found, rules, named.at);
  if (!breach) return {};
  return fmt::format("exception {}: {} [{}]", named.number, breach->message, breach->rule);
}

}  // namespace signalbox::train
