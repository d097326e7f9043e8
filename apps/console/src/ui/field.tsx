'use client';

import { CircleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, createContext, useContext, useId } from 'react';
import { cn } from '@/lib/cn.ts';

const FieldContext = createContext<{ id: string; describedBy: string; invalid: boolean } | null>(
  null,
);

interface FieldProps {
  label: string;
  /** One line that explains the choice. */
  help?: ReactNode;
  /** What holds when it is left alone, shown beside the label. */
  standard?: string | undefined;
  error?: string | undefined;
  optional?: boolean;
  className?: string;
  children: ReactNode;
}

/** A labelled control with help, default and error. The control inside takes its id from here. */
export function Field({ label, help, standard, error, optional, className, children }: FieldProps) {
  const id = useId();
  const describedBy = cn(help ? `${id}-help` : null, error ? `${id}-error` : null);
  return (
    <FieldContext value={{ id, describedBy, invalid: Boolean(error) }}>
      <div className={cn('flex flex-col gap-1', className)}>
        <div className="flex flex-wrap items-baseline justify-between gap-x-3">
          <label htmlFor={id} className="text-sm font-medium">
            {label}
            {optional ? <span className="ml-1.5 font-normal text-ink-3">optional</span> : null}
          </label>
          {standard ? <span className="text-xs text-ink-3">Default: {standard}</span> : null}
        </div>
        {children}
        {error ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
        {help ? (
          <p id={`${id}-help`} className="text-xs text-ink-3">
            {help}
          </p>
        ) : null}
      </div>
    </FieldContext>
  );
}

export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} role="alert" className="flex items-start gap-1.5 text-xs text-bad">
      <CircleAlert size={14} className="mt-px shrink-0" aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}

const control =
  'h-8 w-full min-w-0 rounded-md border border-control bg-surface px-2.5 text-sm text-ink transition-colors hover:border-ink-3 aria-invalid:border-bad disabled:bg-sunken disabled:text-ink-3';

function useControl() {
  const field = useContext(FieldContext);
  return field
    ? {
        id: field.id,
        'aria-describedby': field.describedBy || undefined,
        'aria-invalid': field.invalid || undefined,
      }
    : {};
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...useControl()} {...rest} className={cn(control, className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea {...useControl()} {...rest} className={cn(control, 'h-auto py-1.5', className)} />
  );
}

export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <select {...useControl()} {...rest} className={cn(control, 'pr-7', className)}>
      {children}
    </select>
  );
}

interface CheckProps extends ComponentProps<'input'> {
  label: ReactNode;
  help?: ReactNode;
}

/** A checkbox with its words and, under them, what it does. */
export function Check({ label, help, className, ...rest }: CheckProps) {
  const id = useId();
  return (
    <div className={cn('flex items-start gap-2.5', className)}>
      <input
        {...rest}
        id={id}
        type="checkbox"
        aria-describedby={help ? `${id}-help` : undefined}
        className="mt-0.5 shrink-0"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {help ? (
          <p id={`${id}-help`} className="text-xs text-ink-3">
            {help}
          </p>
        ) : null}
      </div>
    </div>
  );
}

interface CardsProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; title: string; text: ReactNode; disabledReason?: string | undefined }[];
  columns?: 2 | 3;
}

/** A choice among a few explained options. */
export function RadioCards<T extends string>(props: CardsProps<T>) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium">{props.legend}</legend>
      <div className={cn('grid gap-2', props.columns === 3 ? 'sm:grid-cols-3' : 'sm:grid-cols-2')}>
        {props.options.map((option) => (
          <label
            key={option.value}
            className={cn(
              'flex items-start gap-2.5 rounded-lg border p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              props.value === option.value
                ? 'border-accent bg-accent-soft'
                : 'border-line-strong bg-surface hover:border-ink-3',
            )}
          >
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={props.value === option.value}
              disabled={Boolean(option.disabledReason)}
              onChange={() => props.onChange(option.value)}
              className="mt-0.5 shrink-0 outline-none"
            />
            <span className="min-w-0">
              <span className="block text-sm font-medium">{option.title}</span>
              <span className="block text-xs text-ink-2">
                {option.disabledReason ?? option.text}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
