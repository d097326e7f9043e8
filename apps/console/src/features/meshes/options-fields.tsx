'use client';

import { type MeshOptions, meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { get, type FieldPath, useFormContext } from 'react-hook-form';
import { Check, Field, Input, Select } from '@/ui/field.tsx';

export interface OptionsForm {
  options: MeshOptions;
}

const standard = meshOptionsSchema.parse({});
const shape = meshOptionsSchema.shape;
const controlPlaneShape = shape.controlPlane.unwrap().shape;
const proxyShape = shape.proxy.unwrap().shape;
const ztunnelShape = shape.ztunnel.unwrap().shape;
const cniShape = shape.cni.unwrap().shape;

interface OneProps {
  name: FieldPath<OptionsForm>;
  label: string;
  help?: string | undefined;
  type?: 'text' | 'number';
  suffix?: string;
}

function useOne(name: FieldPath<OptionsForm>) {
  const form = useFormContext<OptionsForm>();
  const error = get(form.formState.errors, name) as { message?: string } | undefined;
  return { form, error: error?.message, standard: String(get({ options: standard }, name)) };
}

function OneInput({ name, label, help, type = 'text', suffix }: OneProps) {
  const one = useOne(name);
  return (
    <Field label={label} help={help} error={one.error} standard={one.standard + (suffix ?? '')}>
      <Input
        type={type}
        {...(type === 'number' ? { step: 'any' } : { autoComplete: 'off', spellCheck: false })}
        {...one.form.register(name, type === 'number' ? { valueAsNumber: true } : {})}
      />
    </Field>
  );
}

function OneSelect({ name, label, help, choices }: OneProps & { choices: readonly string[] }) {
  const one = useOne(name);
  return (
    <Field label={label} help={help} error={one.error} standard={one.standard}>
      <Select {...one.form.register(name)}>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </Select>
    </Field>
  );
}

function OneCheck({ name, label, help }: OneProps) {
  const one = useOne(name);
  return (
    <Check
      label={label}
      help={`${help ?? ''}. Default: ${one.standard === 'true' ? 'on' : 'off'}.`}
      {...one.form.register(name)}
    />
  );
}

type Option =
  | ({ as: 'input' | 'check' } & OneProps)
  | ({ as: 'select'; choices: readonly string[] } & OneProps);

interface Group {
  legend: string;
  options: readonly Option[];
}

interface Described {
  description?: string | undefined;
}

const input = (
  name: OneProps['name'],
  label: string,
  { description }: Described,
  more: Pick<OneProps, 'type' | 'suffix'> = {},
): Option => ({ as: 'input', name, label, help: description, ...more });

const check = (name: OneProps['name'], label: string, { description }: Described): Option => ({
  as: 'check',
  name,
  label,
  help: description,
});

const select = (
  name: OneProps['name'],
  label: string,
  field: Described & { unwrap: () => { options: readonly string[] } },
): Option => ({
  as: 'select',
  name,
  label,
  help: field.description,
  choices: field.unwrap().options,
});

const groups: readonly Group[] = [
  {
    legend: 'Traffic and identity',
    options: [
      select('options.mtls', 'Mutual TLS', shape.mtls),
      select('options.outboundTraffic', 'Outbound traffic', shape.outboundTraffic),
      input('options.trustDomain', 'Trust domain', shape.trustDomain),
    ],
  },
  {
    legend: 'Telemetry',
    options: [
      select('options.telemetry', 'Metrics', shape.telemetry),
      input('options.tracingSampling', 'Tracing sample', shape.tracingSampling, {
        type: 'number',
        suffix: ' %',
      }),
      select('options.logLevel', 'Log level', shape.logLevel),
      check('options.accessLog', 'Access log', shape.accessLog),
    ],
  },
  {
    legend: 'Control plane',
    options: [
      input(
        'options.controlPlane.minReplicas',
        'Replicas, at least',
        { description: 'istiod runs at least this many pods' },
        { type: 'number' },
      ),
      input(
        'options.controlPlane.maxReplicas',
        'Replicas, at most',
        { description: 'The autoscaler adds none beyond this' },
        { type: 'number' },
      ),
      input('options.controlPlane.cpu', 'istiod CPU', controlPlaneShape.cpu),
      input('options.controlPlane.memory', 'istiod memory', controlPlaneShape.memory),
    ],
  },
  {
    legend: 'Sidecars',
    options: [
      input('options.proxy.cpu', 'Sidecar CPU', proxyShape.cpu),
      input('options.proxy.memory', 'Sidecar memory', proxyShape.memory),
      check(
        'options.holdApplicationUntilProxyStarts',
        'Hold the application until its proxy is ready',
        shape.holdApplicationUntilProxyStarts,
      ),
    ],
  },
];

/** Of each node: ztunnel carries, istio-cni redirects. */
const ambientGroups: readonly Group[] = [
  {
    legend: 'ztunnel, of each node',
    options: [
      input('options.ztunnel.cpu', 'ztunnel CPU', ztunnelShape.cpu),
      input('options.ztunnel.memory', 'ztunnel memory', ztunnelShape.memory),
      input('options.ztunnel.drainS', 'Drain time', ztunnelShape.drainS, {
        type: 'number',
        suffix: ' s',
      }),
      select('options.ztunnel.logLevel', 'ztunnel log level', ztunnelShape.logLevel),
      check('options.ztunnel.accessLog', 'ztunnel access log', ztunnelShape.accessLog),
    ],
  },
  {
    legend: 'istio-cni, of each node',
    options: [
      input('options.cni.cpu', 'istio-cni CPU', cniShape.cpu),
      input('options.cni.memory', 'istio-cni memory', cniShape.memory),
      select('options.cni.logLevel', 'istio-cni log level', cniShape.logLevel),
      check('options.cni.dnsCapture', 'Capture DNS', cniShape.dnsCapture),
    ],
  },
];

function One(option: Option) {
  if (option.as === 'select') return <OneSelect {...option} />;
  return option.as === 'check' ? <OneCheck {...option} /> : <OneInput {...option} />;
}

/** Every option a mesh has, each explained by the contract's own words. Stands inside a FormProvider. */
export function OptionsFields({ profile }: { profile: 'sidecar' | 'ambient' }) {
  const shown = profile === 'ambient' ? [...groups, ...ambientGroups] : groups;
  return (
    <div className="flex flex-col gap-6">
      {shown.map(({ legend, options }) => (
        <fieldset key={legend} className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
          <legend className="mb-2 text-sm font-semibold">{legend}</legend>
          {options.map((option) => (
            <One key={option.name} {...option} />
          ))}
        </fieldset>
      ))}
    </div>
  );
}
