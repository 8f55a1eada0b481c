/* Tells of each thread of one process, without stopping it: the registers of its user part as they lie on its kernel
   stack, and that kernel stack. Needs no header of the running kernel: the few fields that are read are found by its
   BTF when the program is loaded. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>

#include <bpf/bpf_helpers.h>

#include "threads_layout.h"

char LICENSE[] SEC("license") = "GPL";

#define SB_USER_CODE 0x33 /* __USER_CS: 64-bit code of a program */
#define SB_BY_NAME __attribute__((preserve_access_index))

struct seq_file;
struct bpf_iter_meta {
  struct seq_file *seq;
} SB_BY_NAME;
struct task_struct {
  int pid;
  int tgid;
  int on_cpu;
  unsigned long nvcsw;
  unsigned long nivcsw;
} SB_BY_NAME;
struct sb_task_context { /* bpf_iter__task: both are part of the kernel's interface */
  struct bpf_iter_meta *meta;
  struct task_struct *task;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32); /* tgid */
} sb_wanted SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sb_thread);
} sb_thread_room SEC(".maps");

SEC("iter/task")
int sb_tell_threads(struct sb_task_context *context) {
  struct seq_file *seq = context->meta->seq;
  struct task_struct *task = context->task;
  __u32 zero = 0;
  __u32 *wanted = bpf_map_lookup_elem(&sb_wanted, &zero);
  struct sb_thread *thread = bpf_map_lookup_elem(&sb_thread_room, &zero);
  if (!task || !wanted || !thread || (__u32)task->tgid != *wanted) return 0;
  thread->tid = task->pid;
  thread->on_cpu = task->on_cpu;
  thread->switches = task->nvcsw + task->nivcsw;
  struct pt_regs user;
  if (bpf_probe_read_kernel(&user, sizeof user, (void *)bpf_task_pt_regs(task))) return 0;
  thread->has_user = user.cs == SB_USER_CODE;
  thread->ip = user.rip;
  thread->sp = user.rsp;
  thread->fp = user.rbp;
  thread->system_call = (__s64)user.orig_rax;
  long bytes = bpf_get_task_stack(task, thread->kernel, sizeof thread->kernel, 0);
  thread->kernel_frames = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
  bpf_seq_write(seq, thread, sizeof *thread);
  return 0;
}
