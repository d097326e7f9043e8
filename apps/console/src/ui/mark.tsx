/** Ambit's mark: a node, and a workload on its orbit. */
export function Mark({ size = 20, className }: { size?: number; className?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      className={className}
      aria-hidden="true"
    >
      <circle cx="12" cy="12" r="3.6" fill="currentColor" />
      <path
        d="M19.9 7.4a9.2 9.2 0 1 1-3.3-3.3"
        stroke="currentColor"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
      <circle cx="18.9" cy="5.1" r="2.3" fill="currentColor" />
    </svg>
  );
}
