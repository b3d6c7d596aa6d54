/*
 * Prints what a C compiler says of every constant of this package's Java classes, a line each:
 *
 *     Class.FIELD<TAB>value
 *
 * LayoutTest compiles it where there is a compiler. Its output is the table layouts-<arch>.tsv:
 *
 *     gcc -o layouts layouts.c && ./layouts > layouts-$(uname -m).tsv
 *
 * It needs the kernel's headers of 6.1 or newer. What came later is printed where the headers have
 * it: a macro is asked for with #ifdef, an enumerator or a field with HEADERS(major, minor).
 */
#define _GNU_SOURCE

#include <linux/version.h>

#define HEADERS(major, minor) (LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))
#if !HEADERS(6, 1)
#error "the kernel headers are older than 6.1"
#endif

#include <asm/unistd.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/un.h>

static void row(const char *name, long long value) { printf("%s\t%lld\n", name, value); }

/* The C name is the Java name, or the Java name behind a prefix, or something else altogether. */
#define SAME(class, name) row(#class "." #name, (long long)(name))
#define STRIPPED(class, prefix, name) row(#class "." #name, (long long)(prefix##name))
#define VALUE(class, name, expression) row(#class "." #name, (long long)(expression))

#define SIZE(class, type) VALUE(class, SIZE, sizeof(type))
#define FIELD(class, type, name, member) VALUE(class, name, offsetof(type, member))

/* For a field that older headers call padding: the byte behind the member before it. */
#define AFTER(class, type, name, member) \
    VALUE(class, name, offsetof(type, member) + sizeof(((type *)0)->member))

static void sqe(void) {
    SIZE(SqeLayout, struct io_uring_sqe);
    FIELD(SqeLayout, struct io_uring_sqe, OPCODE, opcode);
    FIELD(SqeLayout, struct io_uring_sqe, FLAGS, flags);
    FIELD(SqeLayout, struct io_uring_sqe, IOPRIO, ioprio);
    FIELD(SqeLayout, struct io_uring_sqe, FD, fd);
    FIELD(SqeLayout, struct io_uring_sqe, OFF, off);
    FIELD(SqeLayout, struct io_uring_sqe, ADDR2, addr2);
    FIELD(SqeLayout, struct io_uring_sqe, CMD_OP, cmd_op);
    FIELD(SqeLayout, struct io_uring_sqe, ADDR, addr);
    FIELD(SqeLayout, struct io_uring_sqe, LEN, len);
    FIELD(SqeLayout, struct io_uring_sqe, OP_FLAGS, rw_flags);
    FIELD(SqeLayout, struct io_uring_sqe, USER_DATA, user_data);
    FIELD(SqeLayout, struct io_uring_sqe, BUF_INDEX, buf_index);
    FIELD(SqeLayout, struct io_uring_sqe, BUF_GROUP, buf_group);
    FIELD(SqeLayout, struct io_uring_sqe, PERSONALITY, personality);
    FIELD(SqeLayout, struct io_uring_sqe, SPLICE_FD_IN, splice_fd_in);
    FIELD(SqeLayout, struct io_uring_sqe, FILE_INDEX, file_index);
    FIELD(SqeLayout, struct io_uring_sqe, ADDR_LEN, addr_len);
    FIELD(SqeLayout, struct io_uring_sqe, ADDR3, addr3);
    FIELD(SqeLayout, struct io_uring_sqe, CMD, cmd);

    SAME(SqeLayout, IOSQE_FIXED_FILE);
    SAME(SqeLayout, IOSQE_IO_DRAIN);
    SAME(SqeLayout, IOSQE_IO_LINK);
    SAME(SqeLayout, IOSQE_IO_HARDLINK);
    SAME(SqeLayout, IOSQE_ASYNC);
    SAME(SqeLayout, IOSQE_BUFFER_SELECT);
    SAME(SqeLayout, IOSQE_CQE_SKIP_SUCCESS);
    SAME(SqeLayout, IORING_FILE_INDEX_ALLOC);
    SAME(SqeLayout, IORING_RECVSEND_POLL_FIRST);
    SAME(SqeLayout, IORING_RECV_MULTISHOT);
    SAME(SqeLayout, IORING_RECVSEND_FIXED_BUF);
    SAME(SqeLayout, IORING_SEND_ZC_REPORT_USAGE);
#ifdef IORING_RECVSEND_BUNDLE
    SAME(SqeLayout, IORING_RECVSEND_BUNDLE);
#endif
    SAME(SqeLayout, IORING_ACCEPT_MULTISHOT);
#ifdef IORING_ACCEPT_DONTWAIT
    SAME(SqeLayout, IORING_ACCEPT_DONTWAIT);
#endif
#ifdef IORING_ACCEPT_POLL_FIRST
    SAME(SqeLayout, IORING_ACCEPT_POLL_FIRST);
#endif
    SAME(SqeLayout, IORING_ASYNC_CANCEL_ALL);
    SAME(SqeLayout, IORING_ASYNC_CANCEL_FD);
    SAME(SqeLayout, IORING_ASYNC_CANCEL_ANY);
    SAME(SqeLayout, IORING_ASYNC_CANCEL_FD_FIXED);
#ifdef IORING_ASYNC_CANCEL_USERDATA
    SAME(SqeLayout, IORING_ASYNC_CANCEL_USERDATA);
#endif
#ifdef IORING_ASYNC_CANCEL_OP
    SAME(SqeLayout, IORING_ASYNC_CANCEL_OP);
#endif
    SAME(SqeLayout, IORING_FSYNC_DATASYNC);
    SAME(SqeLayout, IORING_TIMEOUT_ABS);
    SAME(SqeLayout, IORING_TIMEOUT_UPDATE);
    SAME(SqeLayout, IORING_TIMEOUT_BOOTTIME);
    SAME(SqeLayout, IORING_TIMEOUT_REALTIME);
    SAME(SqeLayout, IORING_LINK_TIMEOUT_UPDATE);
    SAME(SqeLayout, IORING_TIMEOUT_ETIME_SUCCESS);
#ifdef IORING_TIMEOUT_MULTISHOT
    SAME(SqeLayout, IORING_TIMEOUT_MULTISHOT);
#endif
    SAME(SqeLayout, IORING_POLL_ADD_MULTI);
    SAME(SqeLayout, IORING_POLL_UPDATE_EVENTS);
    SAME(SqeLayout, IORING_POLL_UPDATE_USER_DATA);
    SAME(SqeLayout, IORING_POLL_ADD_LEVEL);
    SAME(SqeLayout, IORING_MSG_DATA);
    SAME(SqeLayout, IORING_MSG_SEND_FD);
    SAME(SqeLayout, IORING_MSG_RING_CQE_SKIP);
#ifdef IORING_MSG_RING_FLAGS_PASS
    SAME(SqeLayout, IORING_MSG_RING_FLAGS_PASS);
#endif
}

static void cqe(void) {
    SIZE(CqeLayout, struct io_uring_cqe);
    FIELD(CqeLayout, struct io_uring_cqe, USER_DATA, user_data);
    FIELD(CqeLayout, struct io_uring_cqe, RES, res);
    FIELD(CqeLayout, struct io_uring_cqe, FLAGS, flags);

    STRIPPED(CqeLayout, IORING_CQE_, F_BUFFER);
    STRIPPED(CqeLayout, IORING_CQE_, F_MORE);
    STRIPPED(CqeLayout, IORING_CQE_, F_SOCK_NONEMPTY);
    STRIPPED(CqeLayout, IORING_CQE_, F_NOTIF);
#ifdef IORING_CQE_F_BUF_MORE
    STRIPPED(CqeLayout, IORING_CQE_, F_BUF_MORE);
#endif
#ifdef IORING_CQE_F_SKIP
    STRIPPED(CqeLayout, IORING_CQE_, F_SKIP);
#endif
#ifdef IORING_CQE_F_32
    STRIPPED(CqeLayout, IORING_CQE_, F_32);
#endif
    STRIPPED(CqeLayout, IORING_CQE_, BUFFER_SHIFT);
}

static void ring_params(void) {
    SIZE(RingParamsLayout, struct io_uring_params);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_ENTRIES, sq_entries);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_ENTRIES, cq_entries);
    FIELD(RingParamsLayout, struct io_uring_params, FLAGS, flags);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_THREAD_CPU, sq_thread_cpu);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_THREAD_IDLE, sq_thread_idle);
    FIELD(RingParamsLayout, struct io_uring_params, FEATURES, features);
    FIELD(RingParamsLayout, struct io_uring_params, WQ_FD, wq_fd);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_HEAD, sq_off.head);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_TAIL, sq_off.tail);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_RING_MASK, sq_off.ring_mask);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_RING_ENTRIES, sq_off.ring_entries);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_FLAGS, sq_off.flags);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_DROPPED, sq_off.dropped);
    FIELD(RingParamsLayout, struct io_uring_params, SQ_OFF_ARRAY, sq_off.array);
    AFTER(RingParamsLayout, struct io_uring_params, SQ_OFF_USER_ADDR, sq_off.resv1);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_HEAD, cq_off.head);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_TAIL, cq_off.tail);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_RING_MASK, cq_off.ring_mask);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_RING_ENTRIES, cq_off.ring_entries);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_OVERFLOW, cq_off.overflow);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_CQES, cq_off.cqes);
    FIELD(RingParamsLayout, struct io_uring_params, CQ_OFF_FLAGS, cq_off.flags);
    AFTER(RingParamsLayout, struct io_uring_params, CQ_OFF_USER_ADDR, cq_off.resv1);

    STRIPPED(RingParamsLayout, IORING_, SETUP_IOPOLL);
    STRIPPED(RingParamsLayout, IORING_, SETUP_SQPOLL);
    STRIPPED(RingParamsLayout, IORING_, SETUP_SQ_AFF);
    STRIPPED(RingParamsLayout, IORING_, SETUP_CQSIZE);
    STRIPPED(RingParamsLayout, IORING_, SETUP_CLAMP);
    STRIPPED(RingParamsLayout, IORING_, SETUP_ATTACH_WQ);
    STRIPPED(RingParamsLayout, IORING_, SETUP_R_DISABLED);
    STRIPPED(RingParamsLayout, IORING_, SETUP_SUBMIT_ALL);
    STRIPPED(RingParamsLayout, IORING_, SETUP_COOP_TASKRUN);
    STRIPPED(RingParamsLayout, IORING_, SETUP_TASKRUN_FLAG);
    STRIPPED(RingParamsLayout, IORING_, SETUP_SQE128);
    STRIPPED(RingParamsLayout, IORING_, SETUP_CQE32);
    STRIPPED(RingParamsLayout, IORING_, SETUP_SINGLE_ISSUER);
    STRIPPED(RingParamsLayout, IORING_, SETUP_DEFER_TASKRUN);
#ifdef IORING_SETUP_NO_MMAP
    STRIPPED(RingParamsLayout, IORING_, SETUP_NO_MMAP);
#endif
#ifdef IORING_SETUP_REGISTERED_FD_ONLY
    STRIPPED(RingParamsLayout, IORING_, SETUP_REGISTERED_FD_ONLY);
#endif
#ifdef IORING_SETUP_NO_SQARRAY
    STRIPPED(RingParamsLayout, IORING_, SETUP_NO_SQARRAY);
#endif
#ifdef IORING_SETUP_HYBRID_IOPOLL
    STRIPPED(RingParamsLayout, IORING_, SETUP_HYBRID_IOPOLL);
#endif
#ifdef IORING_SETUP_CQE_MIXED
    STRIPPED(RingParamsLayout, IORING_, SETUP_CQE_MIXED);
#endif
    STRIPPED(RingParamsLayout, IORING_, FEAT_SINGLE_MMAP);
    STRIPPED(RingParamsLayout, IORING_, FEAT_NODROP);
    STRIPPED(RingParamsLayout, IORING_, FEAT_SUBMIT_STABLE);
    STRIPPED(RingParamsLayout, IORING_, FEAT_RW_CUR_POS);
    STRIPPED(RingParamsLayout, IORING_, FEAT_CUR_PERSONALITY);
    STRIPPED(RingParamsLayout, IORING_, FEAT_FAST_POLL);
    STRIPPED(RingParamsLayout, IORING_, FEAT_POLL_32BITS);
    STRIPPED(RingParamsLayout, IORING_, FEAT_SQPOLL_NONFIXED);
    STRIPPED(RingParamsLayout, IORING_, FEAT_EXT_ARG);
    STRIPPED(RingParamsLayout, IORING_, FEAT_NATIVE_WORKERS);
    STRIPPED(RingParamsLayout, IORING_, FEAT_RSRC_TAGS);
    STRIPPED(RingParamsLayout, IORING_, FEAT_CQE_SKIP);
    STRIPPED(RingParamsLayout, IORING_, FEAT_LINKED_FILE);
#ifdef IORING_FEAT_REG_REG_RING
    STRIPPED(RingParamsLayout, IORING_, FEAT_REG_REG_RING);
#endif
#ifdef IORING_FEAT_RECVSEND_BUNDLE
    STRIPPED(RingParamsLayout, IORING_, FEAT_RECVSEND_BUNDLE);
#endif
#ifdef IORING_FEAT_MIN_TIMEOUT
    STRIPPED(RingParamsLayout, IORING_, FEAT_MIN_TIMEOUT);
#endif
#ifdef IORING_FEAT_RW_ATTR
    STRIPPED(RingParamsLayout, IORING_, FEAT_RW_ATTR);
#endif
#ifdef IORING_FEAT_NO_IOWAIT
    STRIPPED(RingParamsLayout, IORING_, FEAT_NO_IOWAIT);
#endif
    STRIPPED(RingParamsLayout, IORING_, SQ_NEED_WAKEUP);
    STRIPPED(RingParamsLayout, IORING_, SQ_CQ_OVERFLOW);
    STRIPPED(RingParamsLayout, IORING_, SQ_TASKRUN);
    STRIPPED(RingParamsLayout, IORING_, CQ_EVENTFD_DISABLED);
    STRIPPED(RingParamsLayout, IORING_, OFF_SQ_RING);
    STRIPPED(RingParamsLayout, IORING_, OFF_CQ_RING);
    STRIPPED(RingParamsLayout, IORING_, OFF_SQES);
#ifdef IORING_OFF_PBUF_RING
    STRIPPED(RingParamsLayout, IORING_, OFF_PBUF_RING);
#endif
#ifdef IORING_OFF_PBUF_SHIFT
    STRIPPED(RingParamsLayout, IORING_, OFF_PBUF_SHIFT);
#endif
    STRIPPED(RingParamsLayout, IORING_, ENTER_GETEVENTS);
    STRIPPED(RingParamsLayout, IORING_, ENTER_SQ_WAKEUP);
    STRIPPED(RingParamsLayout, IORING_, ENTER_SQ_WAIT);
    STRIPPED(RingParamsLayout, IORING_, ENTER_EXT_ARG);
    STRIPPED(RingParamsLayout, IORING_, ENTER_REGISTERED_RING);
#ifdef IORING_ENTER_ABS_TIMER
    STRIPPED(RingParamsLayout, IORING_, ENTER_ABS_TIMER);
#endif
#ifdef IORING_ENTER_EXT_ARG_REG
    STRIPPED(RingParamsLayout, IORING_, ENTER_EXT_ARG_REG);
#endif
#ifdef IORING_ENTER_NO_IOWAIT
    STRIPPED(RingParamsLayout, IORING_, ENTER_NO_IOWAIT);
#endif
}

static void register_structs(void) {
    SIZE(ProbeLayout, struct io_uring_probe);
    FIELD(ProbeLayout, struct io_uring_probe, LAST_OP, last_op);
    FIELD(ProbeLayout, struct io_uring_probe, OPS_LEN, ops_len);
    FIELD(ProbeLayout, struct io_uring_probe, OPS, ops);
    VALUE(ProbeLayout, OP_SIZE, sizeof(struct io_uring_probe_op));
    FIELD(ProbeLayout, struct io_uring_probe_op, OP_OP, op);
    FIELD(ProbeLayout, struct io_uring_probe_op, OP_FLAGS, flags);
    STRIPPED(ProbeLayout, IO_URING_, OP_SUPPORTED);

    SIZE(GeteventsArgLayout, struct io_uring_getevents_arg);
    FIELD(GeteventsArgLayout, struct io_uring_getevents_arg, SIGMASK, sigmask);
    FIELD(GeteventsArgLayout, struct io_uring_getevents_arg, SIGMASK_SZ, sigmask_sz);
    AFTER(GeteventsArgLayout, struct io_uring_getevents_arg, MIN_WAIT_USEC, sigmask_sz);
    FIELD(GeteventsArgLayout, struct io_uring_getevents_arg, TS, ts);

    SIZE(TimespecLayout, struct __kernel_timespec);
    FIELD(TimespecLayout, struct __kernel_timespec, TV_SEC, tv_sec);
    FIELD(TimespecLayout, struct __kernel_timespec, TV_NSEC, tv_nsec);

    SIZE(BufRegLayout, struct io_uring_buf_reg);
    FIELD(BufRegLayout, struct io_uring_buf_reg, RING_ADDR, ring_addr);
    FIELD(BufRegLayout, struct io_uring_buf_reg, RING_ENTRIES, ring_entries);
    FIELD(BufRegLayout, struct io_uring_buf_reg, BGID, bgid);
    AFTER(BufRegLayout, struct io_uring_buf_reg, FLAGS, bgid);
#if HEADERS(6, 4)
    VALUE(BufRegLayout, FLAG_MMAP, IOU_PBUF_RING_MMAP);
#endif
#if HEADERS(6, 12)
    VALUE(BufRegLayout, FLAG_INC, IOU_PBUF_RING_INC);
#endif

    SIZE(BufLayout, struct io_uring_buf);
    FIELD(BufLayout, struct io_uring_buf, ADDR, addr);
    FIELD(BufLayout, struct io_uring_buf, LEN, len);
    FIELD(BufLayout, struct io_uring_buf, BID, bid);
    FIELD(BufLayout, struct io_uring_buf, RESV, resv);
    FIELD(BufLayout, struct io_uring_buf_ring, RING_TAIL, tail);

    SIZE(RsrcUpdateLayout, struct io_uring_rsrc_update);
    FIELD(RsrcUpdateLayout, struct io_uring_rsrc_update, OFFSET, offset);
    FIELD(RsrcUpdateLayout, struct io_uring_rsrc_update, RESV, resv);
    FIELD(RsrcUpdateLayout, struct io_uring_rsrc_update, DATA, data);

    SIZE(RsrcRegisterLayout, struct io_uring_rsrc_register);
    FIELD(RsrcRegisterLayout, struct io_uring_rsrc_register, NR, nr);
    FIELD(RsrcRegisterLayout, struct io_uring_rsrc_register, FLAGS, flags);
    FIELD(RsrcRegisterLayout, struct io_uring_rsrc_register, DATA, data);
    FIELD(RsrcRegisterLayout, struct io_uring_rsrc_register, TAGS, tags);
    VALUE(RsrcRegisterLayout, FLAG_SPARSE, IORING_RSRC_REGISTER_SPARSE);

    SIZE(RsrcUpdate2Layout, struct io_uring_rsrc_update2);
    FIELD(RsrcUpdate2Layout, struct io_uring_rsrc_update2, OFFSET, offset);
    FIELD(RsrcUpdate2Layout, struct io_uring_rsrc_update2, DATA, data);
    FIELD(RsrcUpdate2Layout, struct io_uring_rsrc_update2, TAGS, tags);
    FIELD(RsrcUpdate2Layout, struct io_uring_rsrc_update2, NR, nr);

    SIZE(RestrictionLayout, struct io_uring_restriction);
    FIELD(RestrictionLayout, struct io_uring_restriction, OPCODE, opcode);
    FIELD(RestrictionLayout, struct io_uring_restriction, VALUE, sqe_op);
    VALUE(RestrictionLayout, REGISTER_OP, IORING_RESTRICTION_REGISTER_OP);
    VALUE(RestrictionLayout, SQE_OP, IORING_RESTRICTION_SQE_OP);
    VALUE(RestrictionLayout, SQE_FLAGS_ALLOWED, IORING_RESTRICTION_SQE_FLAGS_ALLOWED);
    VALUE(RestrictionLayout, SQE_FLAGS_REQUIRED, IORING_RESTRICTION_SQE_FLAGS_REQUIRED);
}

static void opcodes(void) {
    STRIPPED(Opcode, IORING_OP_, NOP);
    STRIPPED(Opcode, IORING_OP_, READV);
    STRIPPED(Opcode, IORING_OP_, WRITEV);
    STRIPPED(Opcode, IORING_OP_, FSYNC);
    STRIPPED(Opcode, IORING_OP_, READ_FIXED);
    STRIPPED(Opcode, IORING_OP_, WRITE_FIXED);
    STRIPPED(Opcode, IORING_OP_, POLL_ADD);
    STRIPPED(Opcode, IORING_OP_, POLL_REMOVE);
    STRIPPED(Opcode, IORING_OP_, SYNC_FILE_RANGE);
    STRIPPED(Opcode, IORING_OP_, SENDMSG);
    STRIPPED(Opcode, IORING_OP_, RECVMSG);
    STRIPPED(Opcode, IORING_OP_, TIMEOUT);
    STRIPPED(Opcode, IORING_OP_, TIMEOUT_REMOVE);
    STRIPPED(Opcode, IORING_OP_, ACCEPT);
    STRIPPED(Opcode, IORING_OP_, ASYNC_CANCEL);
    STRIPPED(Opcode, IORING_OP_, LINK_TIMEOUT);
    STRIPPED(Opcode, IORING_OP_, CONNECT);
    STRIPPED(Opcode, IORING_OP_, FALLOCATE);
    STRIPPED(Opcode, IORING_OP_, OPENAT);
    STRIPPED(Opcode, IORING_OP_, CLOSE);
    STRIPPED(Opcode, IORING_OP_, FILES_UPDATE);
    STRIPPED(Opcode, IORING_OP_, STATX);
    STRIPPED(Opcode, IORING_OP_, READ);
    STRIPPED(Opcode, IORING_OP_, WRITE);
    STRIPPED(Opcode, IORING_OP_, FADVISE);
    STRIPPED(Opcode, IORING_OP_, MADVISE);
    STRIPPED(Opcode, IORING_OP_, SEND);
    STRIPPED(Opcode, IORING_OP_, RECV);
    STRIPPED(Opcode, IORING_OP_, OPENAT2);
    STRIPPED(Opcode, IORING_OP_, EPOLL_CTL);
    STRIPPED(Opcode, IORING_OP_, SPLICE);
    STRIPPED(Opcode, IORING_OP_, PROVIDE_BUFFERS);
    STRIPPED(Opcode, IORING_OP_, REMOVE_BUFFERS);
    STRIPPED(Opcode, IORING_OP_, TEE);
    STRIPPED(Opcode, IORING_OP_, SHUTDOWN);
    STRIPPED(Opcode, IORING_OP_, RENAMEAT);
    STRIPPED(Opcode, IORING_OP_, UNLINKAT);
    STRIPPED(Opcode, IORING_OP_, MKDIRAT);
    STRIPPED(Opcode, IORING_OP_, SYMLINKAT);
    STRIPPED(Opcode, IORING_OP_, LINKAT);
    STRIPPED(Opcode, IORING_OP_, MSG_RING);
    STRIPPED(Opcode, IORING_OP_, FSETXATTR);
    STRIPPED(Opcode, IORING_OP_, SETXATTR);
    STRIPPED(Opcode, IORING_OP_, FGETXATTR);
    STRIPPED(Opcode, IORING_OP_, GETXATTR);
    STRIPPED(Opcode, IORING_OP_, SOCKET);
    STRIPPED(Opcode, IORING_OP_, URING_CMD);
    STRIPPED(Opcode, IORING_OP_, SEND_ZC);
    STRIPPED(Opcode, IORING_OP_, SENDMSG_ZC);
#if HEADERS(6, 7)
    STRIPPED(Opcode, IORING_OP_, READ_MULTISHOT);
    STRIPPED(Opcode, IORING_OP_, WAITID);
    STRIPPED(Opcode, IORING_OP_, FUTEX_WAIT);
    STRIPPED(Opcode, IORING_OP_, FUTEX_WAKE);
    STRIPPED(Opcode, IORING_OP_, FUTEX_WAITV);
#endif
#if HEADERS(6, 8)
    STRIPPED(Opcode, IORING_OP_, FIXED_FD_INSTALL);
#endif
#if HEADERS(6, 9)
    STRIPPED(Opcode, IORING_OP_, FTRUNCATE);
#endif
#if HEADERS(6, 11)
    STRIPPED(Opcode, IORING_OP_, BIND);
    STRIPPED(Opcode, IORING_OP_, LISTEN);
#endif
#if HEADERS(6, 15)
    STRIPPED(Opcode, IORING_OP_, RECV_ZC);
    STRIPPED(Opcode, IORING_OP_, EPOLL_WAIT);
    STRIPPED(Opcode, IORING_OP_, READV_FIXED);
    STRIPPED(Opcode, IORING_OP_, WRITEV_FIXED);
#endif
#if HEADERS(6, 16)
    STRIPPED(Opcode, IORING_OP_, PIPE);
#endif
}

static void register_ops(void) {
    STRIPPED(RegisterOp, IORING_, REGISTER_BUFFERS);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_BUFFERS);
    STRIPPED(RegisterOp, IORING_, REGISTER_FILES);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_FILES);
    STRIPPED(RegisterOp, IORING_, REGISTER_EVENTFD);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_EVENTFD);
    STRIPPED(RegisterOp, IORING_, REGISTER_FILES_UPDATE);
    STRIPPED(RegisterOp, IORING_, REGISTER_EVENTFD_ASYNC);
    STRIPPED(RegisterOp, IORING_, REGISTER_PROBE);
    STRIPPED(RegisterOp, IORING_, REGISTER_PERSONALITY);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_PERSONALITY);
    STRIPPED(RegisterOp, IORING_, REGISTER_RESTRICTIONS);
    STRIPPED(RegisterOp, IORING_, REGISTER_ENABLE_RINGS);
    STRIPPED(RegisterOp, IORING_, REGISTER_FILES2);
    STRIPPED(RegisterOp, IORING_, REGISTER_FILES_UPDATE2);
    STRIPPED(RegisterOp, IORING_, REGISTER_BUFFERS2);
    STRIPPED(RegisterOp, IORING_, REGISTER_BUFFERS_UPDATE);
    STRIPPED(RegisterOp, IORING_, REGISTER_IOWQ_AFF);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_IOWQ_AFF);
    STRIPPED(RegisterOp, IORING_, REGISTER_IOWQ_MAX_WORKERS);
    STRIPPED(RegisterOp, IORING_, REGISTER_RING_FDS);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_RING_FDS);
    STRIPPED(RegisterOp, IORING_, REGISTER_PBUF_RING);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_PBUF_RING);
    STRIPPED(RegisterOp, IORING_, REGISTER_SYNC_CANCEL);
    STRIPPED(RegisterOp, IORING_, REGISTER_FILE_ALLOC_RANGE);
#if HEADERS(6, 8)
    STRIPPED(RegisterOp, IORING_, REGISTER_PBUF_STATUS);
#endif
#if HEADERS(6, 9)
    STRIPPED(RegisterOp, IORING_, REGISTER_NAPI);
    STRIPPED(RegisterOp, IORING_, UNREGISTER_NAPI);
#endif
#if HEADERS(6, 12)
    STRIPPED(RegisterOp, IORING_, REGISTER_CLOCK);
    STRIPPED(RegisterOp, IORING_, REGISTER_CLONE_BUFFERS);
#endif
#if HEADERS(6, 13)
    STRIPPED(RegisterOp, IORING_, REGISTER_SEND_MSG_RING);
#endif
#if HEADERS(6, 15)
    STRIPPED(RegisterOp, IORING_, REGISTER_ZCRX_IFQ);
#endif
#if HEADERS(6, 13)
    STRIPPED(RegisterOp, IORING_, REGISTER_RESIZE_RINGS);
    STRIPPED(RegisterOp, IORING_, REGISTER_MEM_REGION);
#endif
#if HEADERS(6, 18)
    STRIPPED(RegisterOp, IORING_, REGISTER_QUERY);
#endif
#if HEADERS(6, 3)
    STRIPPED(RegisterOp, IORING_, REGISTER_USE_REGISTERED_RING);
#endif
}

static void statx_struct(void) {
    SIZE(StatxLayout, struct statx);
    FIELD(StatxLayout, struct statx, STX_MASK, stx_mask);
    FIELD(StatxLayout, struct statx, STX_BLKSIZE, stx_blksize);
    FIELD(StatxLayout, struct statx, STX_ATTRIBUTES, stx_attributes);
    FIELD(StatxLayout, struct statx, STX_NLINK, stx_nlink);
    FIELD(StatxLayout, struct statx, STX_UID, stx_uid);
    FIELD(StatxLayout, struct statx, STX_GID, stx_gid);
    FIELD(StatxLayout, struct statx, STX_MODE, stx_mode);
    FIELD(StatxLayout, struct statx, STX_INO, stx_ino);
    FIELD(StatxLayout, struct statx, STX_SIZE, stx_size);
    FIELD(StatxLayout, struct statx, STX_BLOCKS, stx_blocks);
    FIELD(StatxLayout, struct statx, STX_ATTRIBUTES_MASK, stx_attributes_mask);
    FIELD(StatxLayout, struct statx, STX_ATIME, stx_atime);
    FIELD(StatxLayout, struct statx, STX_BTIME, stx_btime);
    FIELD(StatxLayout, struct statx, STX_CTIME, stx_ctime);
    FIELD(StatxLayout, struct statx, STX_MTIME, stx_mtime);
    FIELD(StatxLayout, struct statx, STX_RDEV_MAJOR, stx_rdev_major);
    FIELD(StatxLayout, struct statx, STX_RDEV_MINOR, stx_rdev_minor);
    FIELD(StatxLayout, struct statx, STX_DEV_MAJOR, stx_dev_major);
    FIELD(StatxLayout, struct statx, STX_DEV_MINOR, stx_dev_minor);
    FIELD(StatxLayout, struct statx, STX_MNT_ID, stx_mnt_id);
    FIELD(StatxLayout, struct statx, STX_DIO_MEM_ALIGN, stx_dio_mem_align);
    FIELD(StatxLayout, struct statx, STX_DIO_OFFSET_ALIGN, stx_dio_offset_align);
#ifdef STATX_SUBVOL
    FIELD(StatxLayout, struct statx, STX_SUBVOL, stx_subvol);
#endif
#ifdef STATX_WRITE_ATOMIC
    FIELD(StatxLayout, struct statx, STX_ATOMIC_WRITE_UNIT_MIN, stx_atomic_write_unit_min);
    FIELD(StatxLayout, struct statx, STX_ATOMIC_WRITE_UNIT_MAX, stx_atomic_write_unit_max);
    FIELD(StatxLayout, struct statx, STX_ATOMIC_WRITE_SEGMENTS_MAX, stx_atomic_write_segments_max);
#endif
#ifdef STATX_DIO_READ_ALIGN
    FIELD(StatxLayout, struct statx, STX_DIO_READ_OFFSET_ALIGN, stx_dio_read_offset_align);
#endif
#if HEADERS(6, 16)
    FIELD(StatxLayout, struct statx, STX_ATOMIC_WRITE_UNIT_MAX_OPT, stx_atomic_write_unit_max_opt);
#endif
    VALUE(StatxLayout, TIMESTAMP_SIZE, sizeof(struct statx_timestamp));
    FIELD(StatxLayout, struct statx_timestamp, TV_SEC, tv_sec);
    FIELD(StatxLayout, struct statx_timestamp, TV_NSEC, tv_nsec);

    SAME(StatxLayout, STATX_TYPE);
    SAME(StatxLayout, STATX_MODE);
    SAME(StatxLayout, STATX_NLINK);
    SAME(StatxLayout, STATX_UID);
    SAME(StatxLayout, STATX_GID);
    SAME(StatxLayout, STATX_ATIME);
    SAME(StatxLayout, STATX_MTIME);
    SAME(StatxLayout, STATX_CTIME);
    SAME(StatxLayout, STATX_INO);
    SAME(StatxLayout, STATX_SIZE);
    SAME(StatxLayout, STATX_BLOCKS);
    SAME(StatxLayout, STATX_BASIC_STATS);
    SAME(StatxLayout, STATX_BTIME);
    SAME(StatxLayout, STATX_ALL);
    SAME(StatxLayout, STATX_MNT_ID);
    SAME(StatxLayout, STATX_DIOALIGN);
#ifdef STATX_MNT_ID_UNIQUE
    SAME(StatxLayout, STATX_MNT_ID_UNIQUE);
#endif
#ifdef STATX_SUBVOL
    SAME(StatxLayout, STATX_SUBVOL);
#endif
#ifdef STATX_WRITE_ATOMIC
    SAME(StatxLayout, STATX_WRITE_ATOMIC);
#endif
#ifdef STATX_DIO_READ_ALIGN
    SAME(StatxLayout, STATX_DIO_READ_ALIGN);
#endif
}

static void libc_structs(void) {
    FIELD(DirentLayout, struct dirent64, D_RECLEN, d_reclen);
    FIELD(DirentLayout, struct dirent64, D_TYPE, d_type);
    FIELD(DirentLayout, struct dirent64, D_NAME, d_name);
    SAME(DirentLayout, DT_UNKNOWN);
    SAME(DirentLayout, DT_FIFO);
    SAME(DirentLayout, DT_CHR);
    SAME(DirentLayout, DT_DIR);
    SAME(DirentLayout, DT_BLK);
    SAME(DirentLayout, DT_REG);
    SAME(DirentLayout, DT_LNK);
    SAME(DirentLayout, DT_SOCK);

    SIZE(SockaddrInLayout, struct sockaddr_in);
    FIELD(SockaddrInLayout, struct sockaddr_in, SIN_FAMILY, sin_family);
    FIELD(SockaddrInLayout, struct sockaddr_in, SIN_PORT, sin_port);
    FIELD(SockaddrInLayout, struct sockaddr_in, SIN_ADDR, sin_addr);

    SIZE(SockaddrIn6Layout, struct sockaddr_in6);
    FIELD(SockaddrIn6Layout, struct sockaddr_in6, SIN6_FAMILY, sin6_family);
    FIELD(SockaddrIn6Layout, struct sockaddr_in6, SIN6_PORT, sin6_port);
    FIELD(SockaddrIn6Layout, struct sockaddr_in6, SIN6_FLOWINFO, sin6_flowinfo);
    FIELD(SockaddrIn6Layout, struct sockaddr_in6, SIN6_ADDR, sin6_addr);
    FIELD(SockaddrIn6Layout, struct sockaddr_in6, SIN6_SCOPE_ID, sin6_scope_id);

    SIZE(SockaddrUnLayout, struct sockaddr_un);
    FIELD(SockaddrUnLayout, struct sockaddr_un, SUN_FAMILY, sun_family);
    FIELD(SockaddrUnLayout, struct sockaddr_un, SUN_PATH, sun_path);
    VALUE(SockaddrUnLayout, PATH_MAX, sizeof(((struct sockaddr_un *)0)->sun_path));

    SIZE(EpollEventLayout, struct epoll_event);
    FIELD(EpollEventLayout, struct epoll_event, EVENTS, events);
    FIELD(EpollEventLayout, struct epoll_event, DATA, data);

    SIZE(IovecLayout, struct iovec);
    FIELD(IovecLayout, struct iovec, IOV_BASE, iov_base);
    FIELD(IovecLayout, struct iovec, IOV_LEN, iov_len);

    SIZE(StatfsLayout, struct statfs);
    FIELD(StatfsLayout, struct statfs, F_TYPE, f_type);
    FIELD(StatfsLayout, struct statfs, F_BSIZE, f_bsize);
    FIELD(StatfsLayout, struct statfs, F_BLOCKS, f_blocks);
    FIELD(StatfsLayout, struct statfs, F_BFREE, f_bfree);
    FIELD(StatfsLayout, struct statfs, F_BAVAIL, f_bavail);
    FIELD(StatfsLayout, struct statfs, F_FILES, f_files);
    FIELD(StatfsLayout, struct statfs, F_FFREE, f_ffree);
    FIELD(StatfsLayout, struct statfs, F_FRSIZE, f_frsize);

    SIZE(FlockLayout, struct flock);
    FIELD(FlockLayout, struct flock, L_TYPE, l_type);
    FIELD(FlockLayout, struct flock, L_WHENCE, l_whence);
    FIELD(FlockLayout, struct flock, L_START, l_start);
    FIELD(FlockLayout, struct flock, L_LEN, l_len);
    FIELD(FlockLayout, struct flock, L_PID, l_pid);
    SAME(FlockLayout, F_OFD_GETLK);
    SAME(FlockLayout, F_OFD_SETLK);
    SAME(FlockLayout, F_RDLCK);
    SAME(FlockLayout, F_WRLCK);
    SAME(FlockLayout, F_UNLCK);

    SIZE(MsghdrLayout, struct msghdr);
    FIELD(MsghdrLayout, struct msghdr, MSG_NAME, msg_name);
    FIELD(MsghdrLayout, struct msghdr, MSG_NAMELEN, msg_namelen);
    FIELD(MsghdrLayout, struct msghdr, MSG_IOV, msg_iov);
    FIELD(MsghdrLayout, struct msghdr, MSG_IOVLEN, msg_iovlen);
    FIELD(MsghdrLayout, struct msghdr, MSG_CONTROL, msg_control);
    FIELD(MsghdrLayout, struct msghdr, MSG_CONTROLLEN, msg_controllen);
    FIELD(MsghdrLayout, struct msghdr, MSG_FLAGS, msg_flags);

    SIZE(RecvmsgOutLayout, struct io_uring_recvmsg_out);
    FIELD(RecvmsgOutLayout, struct io_uring_recvmsg_out, NAMELEN, namelen);
    FIELD(RecvmsgOutLayout, struct io_uring_recvmsg_out, CONTROLLEN, controllen);
    FIELD(RecvmsgOutLayout, struct io_uring_recvmsg_out, PAYLOADLEN, payloadlen);
    FIELD(RecvmsgOutLayout, struct io_uring_recvmsg_out, FLAGS, flags);

    SIZE(CmsghdrLayout, struct cmsghdr);
    FIELD(CmsghdrLayout, struct cmsghdr, CMSG_LEN, cmsg_len);
    FIELD(CmsghdrLayout, struct cmsghdr, CMSG_LEVEL, cmsg_level);
    FIELD(CmsghdrLayout, struct cmsghdr, CMSG_TYPE, cmsg_type);

    SIZE(SockExtendedErrLayout, struct sock_extended_err);
    FIELD(SockExtendedErrLayout, struct sock_extended_err, EE_ERRNO, ee_errno);
    FIELD(SockExtendedErrLayout, struct sock_extended_err, EE_ORIGIN, ee_origin);

    SIZE(GroupSourceReqLayout, struct group_source_req);
    VALUE(GroupSourceReqLayout, GROUP_REQ_SIZE, sizeof(struct group_req));
    FIELD(GroupSourceReqLayout, struct group_source_req, GSR_INTERFACE, gsr_interface);
    FIELD(GroupSourceReqLayout, struct group_source_req, GSR_GROUP, gsr_group);
    FIELD(GroupSourceReqLayout, struct group_source_req, GSR_SOURCE, gsr_source);

    SIZE(IpMreqnLayout, struct ip_mreqn);
    FIELD(IpMreqnLayout, struct ip_mreqn, IMR_MULTIADDR, imr_multiaddr);
    FIELD(IpMreqnLayout, struct ip_mreqn, IMR_ADDRESS, imr_address);
    FIELD(IpMreqnLayout, struct ip_mreqn, IMR_IFINDEX, imr_ifindex);

    SIZE(LingerLayout, struct linger);
    FIELD(LingerLayout, struct linger, L_ONOFF, l_onoff);
    FIELD(LingerLayout, struct linger, L_LINGER, l_linger);

    FIELD(DirentLayout, struct dirent64, D_INO, d_ino);
    FIELD(DirentLayout, struct dirent64, D_OFF, d_off);

    SIZE(InotifyEventLayout, struct inotify_event);
    FIELD(InotifyEventLayout, struct inotify_event, WD, wd);
    FIELD(InotifyEventLayout, struct inotify_event, MASK, mask);
    FIELD(InotifyEventLayout, struct inotify_event, COOKIE, cookie);
    FIELD(InotifyEventLayout, struct inotify_event, LEN, len);
    SAME(InotifyEventLayout, IN_MODIFY);
    SAME(InotifyEventLayout, IN_ATTRIB);
    SAME(InotifyEventLayout, IN_CLOSE_WRITE);
    SAME(InotifyEventLayout, IN_MOVED_FROM);
    SAME(InotifyEventLayout, IN_MOVED_TO);
    SAME(InotifyEventLayout, IN_CREATE);
    SAME(InotifyEventLayout, IN_DELETE);
    SAME(InotifyEventLayout, IN_DELETE_SELF);
    SAME(InotifyEventLayout, IN_MOVE_SELF);
    SAME(InotifyEventLayout, IN_UNMOUNT);
    SAME(InotifyEventLayout, IN_Q_OVERFLOW);
    SAME(InotifyEventLayout, IN_IGNORED);
    SAME(InotifyEventLayout, IN_ONLYDIR);
    SAME(InotifyEventLayout, IN_DONT_FOLLOW);
    SAME(InotifyEventLayout, IN_EXCL_UNLINK);
    SAME(InotifyEventLayout, IN_ISDIR);
    SAME(InotifyEventLayout, IN_NONBLOCK);
    SAME(InotifyEventLayout, IN_CLOEXEC);

    SIZE(OpenHowLayout, struct open_how);
    FIELD(OpenHowLayout, struct open_how, FLAGS, flags);
    FIELD(OpenHowLayout, struct open_how, MODE, mode);
    FIELD(OpenHowLayout, struct open_how, RESOLVE, resolve);
    SAME(OpenHowLayout, RESOLVE_NO_MAGICLINKS);
    SAME(OpenHowLayout, RESOLVE_BENEATH);
}

static void syscalls(void) {
    VALUE(Sys, READ, __NR_read);
    VALUE(Sys, WRITE, __NR_write);
    VALUE(Sys, READV, __NR_readv);
    VALUE(Sys, WRITEV, __NR_writev);
    VALUE(Sys, PREAD64, __NR_pread64);
    VALUE(Sys, PWRITE64, __NR_pwrite64);
    VALUE(Sys, LSEEK, __NR_lseek);
    VALUE(Sys, FSYNC, __NR_fsync);
    VALUE(Sys, FDATASYNC, __NR_fdatasync);
    VALUE(Sys, FTRUNCATE, __NR_ftruncate);
    VALUE(Sys, FALLOCATE, __NR_fallocate);
    VALUE(Sys, FADVISE64, __NR_fadvise64);
    VALUE(Sys, PREADV, __NR_preadv);
    VALUE(Sys, PREADV2, __NR_preadv2);
    VALUE(Sys, PWRITEV, __NR_pwritev);
    VALUE(Sys, COPY_FILE_RANGE, __NR_copy_file_range);
    VALUE(Sys, SENDFILE, __NR_sendfile);
#ifdef __NR_cachestat
    VALUE(Sys, CACHESTAT, __NR_cachestat);
#endif
    VALUE(Sys, IOCTL, __NR_ioctl);
    VALUE(Sys, STATFS, __NR_statfs);
    VALUE(Sys, FSTATFS, __NR_fstatfs);
    VALUE(Sys, FCHMOD, __NR_fchmod);
    VALUE(Sys, FCHOWN, __NR_fchown);
    VALUE(Sys, SYMLINKAT, __NR_symlinkat);
    VALUE(Sys, LINKAT, __NR_linkat);
    VALUE(Sys, READLINKAT, __NR_readlinkat);
    VALUE(Sys, FACCESSAT, __NR_faccessat);
    VALUE(Sys, FCHMODAT, __NR_fchmodat);
    VALUE(Sys, FCHOWNAT, __NR_fchownat);
    VALUE(Sys, UTIMENSAT, __NR_utimensat);
    VALUE(Sys, SETXATTR, __NR_setxattr);
    VALUE(Sys, FSETXATTR, __NR_fsetxattr);
    VALUE(Sys, GETXATTR, __NR_getxattr);
    VALUE(Sys, FGETXATTR, __NR_fgetxattr);
    VALUE(Sys, LISTXATTR, __NR_listxattr);
    VALUE(Sys, FLISTXATTR, __NR_flistxattr);
    VALUE(Sys, REMOVEXATTR, __NR_removexattr);
    VALUE(Sys, FREMOVEXATTR, __NR_fremovexattr);
    VALUE(Sys, STATX, __NR_statx);
    VALUE(Sys, GETDENTS64, __NR_getdents64);
    VALUE(Sys, OPENAT, __NR_openat);
    VALUE(Sys, OPENAT2, __NR_openat2);
    VALUE(Sys, CLOSE, __NR_close);
    VALUE(Sys, DUP, __NR_dup);
    VALUE(Sys, FCNTL, __NR_fcntl);
    VALUE(Sys, UNLINKAT, __NR_unlinkat);
    VALUE(Sys, MKDIRAT, __NR_mkdirat);
    VALUE(Sys, RENAMEAT2, __NR_renameat2);
    VALUE(Sys, SOCKET, __NR_socket);
    VALUE(Sys, BIND, __NR_bind);
    VALUE(Sys, LISTEN, __NR_listen);
    VALUE(Sys, ACCEPT4, __NR_accept4);
    VALUE(Sys, CONNECT, __NR_connect);
    VALUE(Sys, SENDTO, __NR_sendto);
    VALUE(Sys, RECVFROM, __NR_recvfrom);
    VALUE(Sys, SENDMSG, __NR_sendmsg);
    VALUE(Sys, RECVMSG, __NR_recvmsg);
    VALUE(Sys, SHUTDOWN, __NR_shutdown);
    VALUE(Sys, SETSOCKOPT, __NR_setsockopt);
    VALUE(Sys, GETSOCKOPT, __NR_getsockopt);
    VALUE(Sys, GETSOCKNAME, __NR_getsockname);
    VALUE(Sys, GETPEERNAME, __NR_getpeername);
    VALUE(Sys, SOCKETPAIR, __NR_socketpair);
    VALUE(Sys, EPOLL_CREATE1, __NR_epoll_create1);
    VALUE(Sys, EPOLL_CTL, __NR_epoll_ctl);
    VALUE(Sys, EPOLL_PWAIT, __NR_epoll_pwait);
    VALUE(Sys, EPOLL_PWAIT2, __NR_epoll_pwait2);
    VALUE(Sys, EVENTFD2, __NR_eventfd2);
    VALUE(Sys, PPOLL, __NR_ppoll);
    VALUE(Sys, PIPE2, __NR_pipe2);
    VALUE(Sys, INOTIFY_INIT1, __NR_inotify_init1);
    VALUE(Sys, INOTIFY_ADD_WATCH, __NR_inotify_add_watch);
    VALUE(Sys, INOTIFY_RM_WATCH, __NR_inotify_rm_watch);
    VALUE(Sys, MMAP, __NR_mmap);
    VALUE(Sys, MUNMAP, __NR_munmap);
    VALUE(Sys, MADVISE, __NR_madvise);
    VALUE(Sys, IO_URING_SETUP, __NR_io_uring_setup);
    VALUE(Sys, IO_URING_ENTER, __NR_io_uring_enter);
    VALUE(Sys, IO_URING_REGISTER, __NR_io_uring_register);
    VALUE(Sys, GETPID, __NR_getpid);
    VALUE(Sys, GETTID, __NR_gettid);
    VALUE(Sys, TGKILL, __NR_tgkill);
    VALUE(Sys, PRLIMIT64, __NR_prlimit64);
}

static void constants(void) {
    SAME(Const, O_RDONLY);
    SAME(Const, O_WRONLY);
    SAME(Const, O_RDWR);
    SAME(Const, O_CREAT);
    SAME(Const, O_EXCL);
    SAME(Const, O_TRUNC);
    SAME(Const, O_APPEND);
    SAME(Const, O_NONBLOCK);
    SAME(Const, O_DSYNC);
    SAME(Const, O_DIRECT);
    SAME(Const, O_DIRECTORY);
    SAME(Const, O_NOFOLLOW);
    SAME(Const, O_NOATIME);
    SAME(Const, O_CLOEXEC);
    SAME(Const, O_SYNC);
    SAME(Const, O_PATH);
    SAME(Const, O_TMPFILE);
    SAME(Const, AT_FDCWD);
    SAME(Const, AT_SYMLINK_NOFOLLOW);
    SAME(Const, AT_REMOVEDIR);
    SAME(Const, FIONREAD);
    SAME(Const, TIOCOUTQ);
    SAME(Const, FICLONE);
    SAME(Const, SEEK_DATA);
    SAME(Const, SEEK_HOLE);
    SAME(Const, AT_EMPTY_PATH);
    SAME(Const, S_IFMT);
    SAME(Const, S_IFIFO);
    SAME(Const, S_IFCHR);
    SAME(Const, S_IFDIR);
    SAME(Const, S_IFBLK);
    SAME(Const, S_IFREG);
    SAME(Const, S_IFLNK);
    SAME(Const, S_IFSOCK);
    SAME(Const, AF_UNSPEC);
    SAME(Const, AF_UNIX);
    SAME(Const, AF_INET);
    SAME(Const, AF_INET6);
    SAME(Const, SOCK_STREAM);
    SAME(Const, SOCK_DGRAM);
    SAME(Const, SOCK_NONBLOCK);
    SAME(Const, SOCK_CLOEXEC);
    SAME(Const, SOL_SOCKET);
    SAME(Const, SO_REUSEADDR);
    SAME(Const, SO_ERROR);
    SAME(Const, SO_BROADCAST);
    SAME(Const, SO_SNDBUF);
    SAME(Const, SO_RCVBUF);
    SAME(Const, SO_KEEPALIVE);
    SAME(Const, SO_LINGER);
    SAME(Const, SO_REUSEPORT);
    SAME(Const, SO_ACCEPTCONN);
    SAME(Const, IPPROTO_TCP);
    SAME(Const, TCP_NODELAY);
    SAME(Const, TCP_KEEPIDLE);
    SAME(Const, TCP_KEEPINTVL);
    SAME(Const, TCP_KEEPCNT);
    SAME(Const, TCP_USER_TIMEOUT);
    SAME(Const, IPPROTO_IP);
    SAME(Const, IP_TOS);
    SAME(Const, IP_TTL);
    SAME(Const, IP_RECVERR);
    SAME(Const, IP_MULTICAST_IF);
    SAME(Const, IP_MULTICAST_TTL);
    SAME(Const, IP_MULTICAST_LOOP);
    SAME(Const, MCAST_JOIN_GROUP);
    SAME(Const, MCAST_LEAVE_GROUP);
    SAME(Const, MCAST_JOIN_SOURCE_GROUP);
    SAME(Const, MCAST_LEAVE_SOURCE_GROUP);
    SAME(Const, IPPROTO_IPV6);
    SAME(Const, IPV6_UNICAST_HOPS);
    SAME(Const, IPV6_MULTICAST_IF);
    SAME(Const, IPV6_MULTICAST_HOPS);
    SAME(Const, IPV6_MULTICAST_LOOP);
    SAME(Const, IPV6_RECVERR);
    SAME(Const, IPV6_V6ONLY);
    SAME(Const, IPV6_TCLASS);
    SAME(Const, SHUT_RD);
    SAME(Const, SHUT_WR);
    SAME(Const, SHUT_RDWR);
    SAME(Const, F_GETFD);
    SAME(Const, F_GETFL);
    SAME(Const, F_SETFL);
    SAME(Const, F_DUPFD_CLOEXEC);
    SAME(Const, FD_CLOEXEC);
    SAME(Const, SO_TYPE);
    SAME(Const, SO_DOMAIN);
    SAME(Const, SCM_RIGHTS);
    SAME(Const, IPPROTO_UDP);
    SAME(Const, UDP_SEGMENT);
    SAME(Const, UDP_GRO);
    SAME(Const, MSG_CTRUNC);
    SAME(Const, MSG_CMSG_CLOEXEC);
    SAME(Const, RLIMIT_NOFILE);
    SAME(Const, MSG_PEEK);
    SAME(Const, MSG_TRUNC);
    SAME(Const, MSG_DONTWAIT);
    SAME(Const, MSG_WAITALL);
    SAME(Const, MSG_ERRQUEUE);
    SAME(Const, MSG_NOSIGNAL);
    SAME(Const, EPOLLIN);
    SAME(Const, EPOLLPRI);
    SAME(Const, EPOLLOUT);
    SAME(Const, EPOLLERR);
    SAME(Const, EPOLLHUP);
    SAME(Const, EPOLLRDHUP);
    SAME(Const, EPOLLEXCLUSIVE);
    SAME(Const, EPOLLONESHOT);
    SAME(Const, EPOLLET);
    SAME(Const, EPOLL_CTL_ADD);
    SAME(Const, EPOLL_CTL_DEL);
    SAME(Const, EPOLL_CTL_MOD);
    SAME(Const, EPOLL_CLOEXEC);
    SAME(Const, EFD_NONBLOCK);
    SAME(Const, EFD_CLOEXEC);
    SAME(Const, PROT_READ);
    SAME(Const, PROT_WRITE);
    SAME(Const, MAP_SHARED);
    SAME(Const, MAP_PRIVATE);
    SAME(Const, MAP_ANONYMOUS);
    SAME(Const, MAP_POPULATE);
    SAME(Const, MADV_DONTFORK);
    SAME(Const, MADV_HUGEPAGE);
    SAME(Const, RWF_NOWAIT);
}

static void error_codes(void) {
    SAME(ErrnoCode, EPERM);
    SAME(ErrnoCode, ENOENT);
    SAME(ErrnoCode, EINTR);
    SAME(ErrnoCode, EIO);
    SAME(ErrnoCode, ENXIO);
    SAME(ErrnoCode, EBADF);
    SAME(ErrnoCode, EAGAIN);
    SAME(ErrnoCode, ENOMEM);
    SAME(ErrnoCode, EACCES);
    SAME(ErrnoCode, EFAULT);
    SAME(ErrnoCode, EBUSY);
    SAME(ErrnoCode, EEXIST);
    SAME(ErrnoCode, EXDEV);
    SAME(ErrnoCode, ENODEV);
    SAME(ErrnoCode, ENOTDIR);
    SAME(ErrnoCode, ENOTTY);
    SAME(ErrnoCode, EISDIR);
    SAME(ErrnoCode, EINVAL);
    SAME(ErrnoCode, ENFILE);
    SAME(ErrnoCode, EMFILE);
    SAME(ErrnoCode, ETXTBSY);
    SAME(ErrnoCode, EFBIG);
    SAME(ErrnoCode, ENOSPC);
    SAME(ErrnoCode, ESPIPE);
    SAME(ErrnoCode, EROFS);
    SAME(ErrnoCode, EPIPE);
    SAME(ErrnoCode, ERANGE);
    SAME(ErrnoCode, ENAMETOOLONG);
    SAME(ErrnoCode, ENOSYS);
    SAME(ErrnoCode, ENOTEMPTY);
    SAME(ErrnoCode, ELOOP);
    SAME(ErrnoCode, EBADR);
    SAME(ErrnoCode, ENODATA);
    SAME(ErrnoCode, ETIME);
    SAME(ErrnoCode, EOVERFLOW);
    SAME(ErrnoCode, EBADFD);
    SAME(ErrnoCode, ENOTSOCK);
    SAME(ErrnoCode, EDESTADDRREQ);
    SAME(ErrnoCode, EMSGSIZE);
    SAME(ErrnoCode, ENOPROTOOPT);
    SAME(ErrnoCode, EPROTONOSUPPORT);
    SAME(ErrnoCode, EOPNOTSUPP);
    SAME(ErrnoCode, EAFNOSUPPORT);
    SAME(ErrnoCode, EADDRINUSE);
    SAME(ErrnoCode, EADDRNOTAVAIL);
    SAME(ErrnoCode, ENETUNREACH);
    SAME(ErrnoCode, ECONNABORTED);
    SAME(ErrnoCode, ECONNRESET);
    SAME(ErrnoCode, ENOBUFS);
    SAME(ErrnoCode, EISCONN);
    SAME(ErrnoCode, ENOTCONN);
    SAME(ErrnoCode, ETIMEDOUT);
    SAME(ErrnoCode, ECONNREFUSED);
    SAME(ErrnoCode, EHOSTUNREACH);
    SAME(ErrnoCode, EALREADY);
    SAME(ErrnoCode, EINPROGRESS);
    SAME(ErrnoCode, ECANCELED);
}

int main(void) {
    sqe();
    cqe();
    ring_params();
    register_structs();
    opcodes();
    register_ops();
    statx_struct();
    libc_structs();
    syscalls();
    constants();
    error_codes();
    return 0;
}
