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

const group = 'grid gap-x-6 gap-y-4 sm:grid-cols-2';

/** Every option a mesh has, each explained by the contract's own words. Stands inside a FormProvider. */
export function OptionsFields({ profile }: { profile: 'sidecar' | 'ambient' }) {
  return (
    <div className="flex flex-col gap-6">
      <fieldset className={group}>
        <legend className="mb-2 text-sm font-semibold">Traffic and identity</legend>
        <OneSelect
          name="options.mtls"
          label="Mutual TLS"
          help={shape.mtls.description}
          choices={shape.mtls.unwrap().options}
        />
        <OneSelect
          name="options.outboundTraffic"
          label="Outbound traffic"
          help={shape.outboundTraffic.description}
          choices={shape.outboundTraffic.unwrap().options}
        />
        <OneInput
          name="options.trustDomain"
          label="Trust domain"
          help={shape.trustDomain.description}
        />
      </fieldset>
      <fieldset className={group}>
        <legend className="mb-2 text-sm font-semibold">Telemetry</legend>
        <OneSelect
          name="options.telemetry"
          label="Metrics"
          help={shape.telemetry.description}
          choices={shape.telemetry.unwrap().options}
        />
        <OneInput
          name="options.tracingSampling"
          label="Tracing sample"
          type="number"
          suffix=" %"
          help={shape.tracingSampling.description}
        />
        <OneSelect
          name="options.logLevel"
          label="Log level"
          help={shape.logLevel.description}
          choices={shape.logLevel.unwrap().options}
        />
        <OneCheck name="options.accessLog" label="Access log" help={shape.accessLog.description} />
      </fieldset>
      <fieldset className={group}>
        <legend className="mb-2 text-sm font-semibold">Control plane</legend>
        <OneInput
          name="options.controlPlane.minReplicas"
          label="Replicas, at least"
          type="number"
          help="istiod runs at least this many pods"
        />
        <OneInput
          name="options.controlPlane.maxReplicas"
          label="Replicas, at most"
          type="number"
          help="The autoscaler adds none beyond this"
        />
        <OneInput
          name="options.controlPlane.cpu"
          label="istiod CPU"
          help={controlPlaneShape.cpu.description}
        />
        <OneInput
          name="options.controlPlane.memory"
          label="istiod memory"
          help={controlPlaneShape.memory.description}
        />
      </fieldset>
      <fieldset className={group}>
        <legend className="mb-2 text-sm font-semibold">Sidecars</legend>
        <OneInput name="options.proxy.cpu" label="Sidecar CPU" help={proxyShape.cpu.description} />
        <OneInput
          name="options.proxy.memory"
          label="Sidecar memory"
          help={proxyShape.memory.description}
        />
        <OneCheck
          name="options.holdApplicationUntilProxyStarts"
          label="Hold the application until its proxy is ready"
          help={shape.holdApplicationUntilProxyStarts.description}
        />
      </fieldset>
      {profile === 'ambient' ? <AmbientFields /> : null}
    </div>
  );
}

/** Of each node: ztunnel carries, istio-cni redirects. */
function AmbientFields() {
  return (
    <>
      <fieldset className={group}>
        <legend className="mb-2 text-sm font-semibold">ztunnel, of each node</legend>
        <OneInput
          name="options.ztunnel.cpu"
          label="ztunnel CPU"
          help={ztunnelShape.cpu.description}
        />
        <OneInput
          name="options.ztunnel.memory"
          label="ztunnel memory"
          help={ztunnelShape.memory.description}
        />
        <OneInput
          name="options.ztunnel.drainS"
          label="Drain time"
          type="number"
          suffix=" s"
          help={ztunnelShape.drainS.description}
        />
        <OneSelect
          name="options.ztunnel.logLevel"
          label="ztunnel log level"
          help={ztunnelShape.logLevel.description}
          choices={ztunnelShape.logLevel.unwrap().options}
        />
        <OneCheck
          name="options.ztunnel.accessLog"
          label="ztunnel access log"
          help={ztunnelShape.accessLog.description}
        />
      </fieldset>
      <fieldset className={group}>
        <legend className="mb-2 text-sm font-semibold">istio-cni, of each node</legend>
        <OneInput name="options.cni.cpu" label="istio-cni CPU" help={cniShape.cpu.description} />
        <OneInput
          name="options.cni.memory"
          label="istio-cni memory"
          help={cniShape.memory.description}
        />
        <OneSelect
          name="options.cni.logLevel"
          label="istio-cni log level"
          help={cniShape.logLevel.description}
          choices={cniShape.logLevel.unwrap().options}
        />
        <OneCheck
          name="options.cni.dnsCapture"
          label="Capture DNS"
          help={cniShape.dnsCapture.description}
        />
      </fieldset>
    </>
  );
}
